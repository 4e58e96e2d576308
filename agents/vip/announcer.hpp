// SPDX-License-Identifier: GPL-2.0-or-later
// The process that belongs to a started resource: it announces the addresses again and again,
// watches for other owners, and ends when the kernel holds none of the addresses any more. The
// first announcement is its work, too, and `start` waits for it: closing a packet socket costs
// more time than all the rest of a start.
#pragma once

#include "call.hpp"
#include "config.hpp"
#include "daemon.hpp"

namespace duet::vip {

// The body of that process. "announced" on stdout after the first announcement.
int announce(const Config& config, const Call& call);

// The agent's side of it.
std::optional<Process> find_announcer(const Call& call);
// Returns when it has announced. Throws Failure with what it said instead.
void start_announcer(const Call& call);
// Returns when it can send nothing any more. Throws Failure when even SIGKILL does not help.
void end_announcer(const Call& call);

// The other owners that the announcer knows of ("192.0.2.1 at 02:00:00:00:00:01"), blank-free lines.
std::vector<std::string> rivals_seen(const Call& call);

}  // namespace duet::vip
