// SPDX-License-Identifier: GPL-2.0-or-later
// Processes that we did not start in this life: found, believed and ended.
// A number is never believed: a process is known by pid, start time and executable, and signalled
// through a pidfd that was opened before these were read.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clock.hpp"
#include "fd.hpp"

namespace duet {

class Process {
  public:
    // Nothing when no such process lives (a zombie does not).
    static std::optional<Process> open(pid_t pid);

    pid_t pid() const { return pid_; }
    // Clock ticks since boot (field 22 of /proc/PID/stat); with the pid it names one process.
    std::uint64_t start_time() const { return start_time_; }
    pid_t parent() const { return parent_; }
    // The executable's path, without the " (deleted)" of one that was replaced by an upgrade; empty
    // for kernel threads and where we may not look.
    std::string executable() const;
    std::string working_directory() const;
    std::vector<std::string> command_line() const;

    bool alive() const;
    // True when it was delivered or the process has already ended. Throws for want of permission.
    bool signal(int number) const;
    // True when it ended before the deadline.
    bool wait(const Deadline& deadline) const;

  private:
    Process() = default;
    pid_t pid_ = -1, parent_ = -1;
    std::uint64_t start_time_ = 0;
    Fd pidfd_;
};

// All processes this one can see in its pid namespace.
std::vector<Process> processes();
// Those whose executable is `path` (compared after resolving links).
std::vector<Process> processes_of(const std::string& path);

// The process whose pid stands first in `pid_file`, if its executable is `executable`.
std::optional<Process> process_in(const std::string& pid_file, const std::string& executable);

// "PID START_TIME\n" in a file replaced by rename, and back: nothing where the process is gone or
// another has its number.
void remember(const std::string& file, const Process& process);
std::optional<Process> recall(const std::string& file);

struct EndStep {
    int signal;
    int share;  // percent of the remaining time to wait after it
};
// Sends each signal in turn to those still alive and waits. True when all have ended.
bool end(std::span<const Process> processes, std::span<const EndStep> steps,
         const Deadline& deadline);

// Where PATH has the program, resolved to its real path; a name with a slash is only resolved.
// Nothing where it is absent or not executable.
std::optional<std::string> find_program(const std::string& name);

}  // namespace duet
