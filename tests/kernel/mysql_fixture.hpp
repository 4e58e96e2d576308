// SPDX-License-Identifier: GPL-2.0-or-later
// One or two real servers under the built agent, outside a cluster. Suites named ...OnMariadb and
// ...OnMysql are for one server alone; the others run on whichever is tested.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

#include "daemon.hpp"
#include "database.hpp"
#include "mariadb.hpp"

namespace duet::test {

class MysqlTest : public testing::Test {
  protected:
    void SetUp() override;
    void TearDown() override;

    // The agent of a new server, "a" or "b"; its own data directory for each test.
    AgentCall make_agent(const std::string& name);

    // The process that works in the agent's data directory.
    static Process server_of(const AgentCall& agent);
    static void kill_hard(const AgentCall& agent);
    // Replaces the epoch file, as if the server had been promoted or had seen its peer promoted.
    static void write_epoch_file(const AgentCall& agent, const std::string& content);

    static void expect(int code, const Ended& ended);
    // One exit reason, and it contains `words`.
    static void expect_reason(const Ended& ended, const std::string& words);

    // By the agent's own statements.
    static mysql::Database database(const AgentCall& agent, int seconds = 5);

    // Until its server answers, which may be after the start.
    static void start(const AgentCall& agent);
    static bool answers(const AgentCall& agent);

    // The error number that the site's account gets for a statement, 0 for success, 2013 when the
    // answer has not come within a second.
    static unsigned site_error(const std::string& statement, int port = port_of_a);
    // The same beside the test.
    static std::future<unsigned> site_later(const std::string& statement);

    // Looks every tenth of a second; false when it never became true.
    template <typename Condition>
    static bool wait(Condition condition, int tenths = 100) {
        for (int i = 0; i < tenths; ++i) {
            if (condition()) return true;
            std::this_thread::sleep_for(Milliseconds(100));
        }
        return false;
    }

    std::string folder_;
    std::vector<AgentCall> agents_;
};

}  // namespace duet::test
