// SPDX-License-Identifier: GPL-2.0-or-later
// A program whose output we read, or whose input we write, while it runs: for what does not fit into
// memory.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "fd.hpp"
#include "process.hpp"

namespace duet {

enum class PipeEnd {
    output,  // we read what it writes
    input,   // it reads what we write
};

class Piped {
  public:
    // Its other standard streams: stderr, and for `input` stdout, into `log_fd`, stdin from
    // /dev/null. It stays in our session. Throws Failure(installed) when it cannot be executed.
    Piped(const std::vector<std::string>& argv, PipeEnd end, int log_fd);
    // Kills it when it was not waited for.
    ~Piped();
    Piped(const Piped&) = delete;
    Piped& operator=(const Piped&) = delete;

    const Fd& pipe() const { return pipe_; }
    // Closes the pipe, waits for its end, and kills it at the deadline. `err` stays empty.
    Ended finish(const Deadline& deadline);

  private:
    pid_t pid_ = -1;
    Fd pipe_, pidfd_;
};

}  // namespace duet
