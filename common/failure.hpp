// SPDX-License-Identifier: GPL-2.0-or-later
// What an agent may answer, and the one exception that carries such an answer with its sentence.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace duet {

// OCF Resource Agent API 1.1, "Exit status"; 190 and 191 are Pacemaker's.
enum class Exit {
    success = 0,
    generic = 1,
    args = 2,  // wrong on this host
    unimplemented = 3,
    permission = 4,
    installed = 5,   // software is absent here
    configured = 6,  // wrong on every host
    not_running = 7,
    running_promoted = 8,
    failed_promoted = 9,
    degraded = 190,
    degraded_promoted = 191,
};

// Ends an action: `exit` becomes the exit code, the sentence the one ocf-exit-reason.
class Failure : public std::runtime_error {
  public:
    Failure(Exit exit, const std::string& sentence) : std::runtime_error(sentence), exit_(exit) {}
    Exit exit() const { return exit_; }

  private:
    Exit exit_;
};

// Throws a std::system_error for the current errno; `what` reads like "open '/run/x'".
[[noreturn]] void throw_errno(const std::string& what);
[[noreturn]] void throw_errno(int error, const std::string& what);

}  // namespace duet
