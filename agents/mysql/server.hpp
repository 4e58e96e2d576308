// SPDX-License-Identifier: GPL-2.0-or-later
// The server's process: found by what the kernel says, started with the role of its recovery, ended.
#pragma once

#include <optional>
#include <string>

#include "config.hpp"
#include "daemon.hpp"
#include "policy.hpp"

namespace duet::mysql {

class Server {
  public:
    // `memory`: a file in the run directory that keeps pid and start time.
    Server(const Config& config, std::string memory);

    // The process that works in the data directory, whoever started it: executable named like a
    // database server, current directory the data directory.
    std::optional<Process> find();

    // Starts it read-only, receiver stopped, semi-synchronous source off. Throws Failure.
    Process start(RecoveryRole role);
    // The first line that the server's log has marked as an error since start(); empty: none.
    std::string first_error() const;

  private:
    const Config& config_;
    std::string memory_;
    std::size_t log_size_ = 0;  // at start
};

// Killed, and its first thread has ended, but others wait for a disk: it has neither a program nor a
// folder any more, and its files are still locked.
bool is_half_dead(const Process& process);
// Asks it to shut down, and kills it when most of the time is gone. Only for a server on which no
// commit waits for an acknowledgement. True when no process is left.
bool shut_down(const Process& process, const Deadline& deadline);
// At once: no client may get an OK that only a clean shutdown would give it.
bool end_hard(const Process& process, const Deadline& deadline);

}  // namespace duet::mysql
