// SPDX-License-Identifier: GPL-2.0-or-later
// Programs, run with a deadline or started to stay. Never through a shell.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clock.hpp"
#include "fd.hpp"

namespace duet {

struct Ended {
    int exit_code = -1;      // -1: ended by a signal
    int signal = 0;          // 0: ended by itself
    bool timed_out = false;  // ended by us at the deadline, with its process group
    std::string out, err;    // each up to the output limit, from its beginning

    bool succeeded() const { return exit_code == 0; }
    // The last non-empty line of stderr, else of stdout: what a program says when it fails.
    std::string last_words() const;
    // "exited with 1", "was ended by signal 9", "did not end in time"
    std::string how() const;
};

struct RunOptions {
    std::string input;                     // given on stdin
    std::vector<std::string> environment;  // "NAME=value", added to ours
    std::size_t output_limit = 64 * 1024;  // bytes kept of each of stdout and stderr
    int log_fd = -1;                       // start_daemon: its stdout and stderr; -1: /dev/null
};

// Runs argv[0] (found in PATH) in a process group of its own and waits until the child itself
// ended, not until its pipes closed: a daemon it left may keep those. At the deadline the group is
// sent TERM, and KILL a second later. Throws Failure(installed) when the program cannot be executed.
Ended run(const std::vector<std::string>& argv, const Deadline& deadline,
          const RunOptions& options = {});

// Starts argv[0] in a session of its own, stdin from /dev/null, and returns its pid at once.
// Throws as run() does.
pid_t start_daemon(const std::vector<std::string>& argv, const RunOptions& options = {});

}  // namespace duet
