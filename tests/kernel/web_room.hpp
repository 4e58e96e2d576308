// SPDX-License-Identifier: GPL-2.0-or-later
// What the tests of nginx and php-fpm share: a folder and an agent's call for each test, a look at
// the processes, and a listener that never says a word.
#pragma once

#include <gtest/gtest.h>

#include "daemon.hpp"
#include "failure.hpp"
#include "sandbox.hpp"

namespace duet::test {

class WebRoom : public testing::Test {
  protected:
    WebRoom(const std::string& agent, std::string program);
    void TearDown() override;

    std::string path(const std::string& name) const { return folder_ + '/' + name; }
    void write(const std::string& name, const std::string& content) const;

    // The call with one parameter changed.
    AgentCall with(const std::string& parameter, const std::string& value) const;
    // The one exit reason; fails the test when there is not exactly one.
    static std::string reason(const Ended& ended);
    static void expect(Exit code, const Ended& ended, const std::string& what = {});

    // Of the program, whose title begins so.
    std::vector<Process> titled(const std::string& beginning) const;
    void kill_all_titled(const std::string& beginning) const;
    void forget_records() const;

    std::string folder_, program_;
    AgentCall call_;
};

// How long `body` took.
template <typename Body>
Milliseconds timed(const Body& body) {
    const auto begin = std::chrono::steady_clock::now();
    body();
    return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begin);
}

// Listens on a port of 127.0.0.1 and takes connections into its queue, and that is all.
class Mute {
  public:
    explicit Mute(int port);

  private:
    Fd socket_;
};

}  // namespace duet::test
