// SPDX-License-Identifier: GPL-2.0-or-later
// A process that belongs to a resource: the agent's own program once more, with another argument.
#pragma once

#include <string>

#include "call.hpp"

namespace duet {

// The path of this program, for another run of it.
std::string own_program();

// Starts it to stay, as "PROGRAM ARGUMENT INSTANCE", remembers it in `file`, and returns the first
// line it wrote: its word that it is ready, or why it is not. Empty: it said nothing before the
// deadline, or ended. Throws as start_daemon() does.
std::string start_companion(const Call& call, const std::string& argument, const std::string& file,
                            const Deadline& deadline);

}  // namespace duet
