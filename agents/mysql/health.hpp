// SPDX-License-Identifier: GPL-2.0-or-later
// Looks whether a database server that runs is well: its answers, and the room that it has.
#pragma once

#include "health_policy.hpp"
#include "instance.hpp"

namespace duet::mysql {

// Learns, once in a life of mysqld, where it writes and which port it keeps for administrators.
// Throws SqlError.
void learn_places(Instance& instance, const Process& process);

// Where there is no room left, and for how long: fills in `full` and `full_for`, and warns once
// when only temporary files are concerned.
void look_at_disks(Instance& instance, HealthView& view);

// "; the file system of ... is full" where it may be why a server has ended, else empty. InnoDB ends
// the server when its log is a file with holes, as a copy of a data directory can be.
std::string lack_of_room(const Instance& instance);

// The active: a write of the agent's own that no standby has to acknowledge. Returns what it showed
// and whether the server is open. Throws SqlError when it is silent or cannot write.
struct ActiveSign {
    Sign sign = Sign::answered;
    bool open = false;
};
ActiveSign probe_active(Instance& instance);

// True when somebody accepts connections there within `limit`: the server speaks first.
bool greets(const std::string& socket, Milliseconds limit);

// Logs `sentence` once for as long as it is the same; empty: all is well again.
void warn_once(Instance& instance, const char* note, const std::string& sentence);

}  // namespace duet::mysql
