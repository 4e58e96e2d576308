// SPDX-License-Identifier: GPL-2.0-or-later
// Starting a server and waiting until it answers.
#pragma once

#include <sys/types.h>

#include "service.hpp"

namespace duet {

// Throws Failure: installed where the program is absent or the configuration does not pass, args
// where there is none to read.
void test_configuration(const Service& service, const Deadline& deadline);

class Start {
  public:
    Start(const Service& service, const Call& call);
    // Returns when the server answers as it should; throws Failure otherwise.
    void run();

  private:
    StartStep look();
    void spawn();
    void ask();
    void end_orphans();
    [[noreturn]] void fail() const;
    bool child_failed();
    std::string words() const;

    const Service& service_;
    const Call& call_;
    std::string folder_;
    Family family_;
    StartView view_;
    std::vector<Process> orphans_;
    pid_t child_ = -1;
    Deadline patience_;
    Verdict verdict_;
};

}  // namespace duet
