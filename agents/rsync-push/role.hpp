// SPDX-License-Identifier: GPL-2.0-or-later
// In which role the instance is, by its note and by what the kernel shows.
#pragma once

#include <string>

#include "call.hpp"

namespace duet::rsync_push {

// "promoted", "unpromoted", or empty: what the last action made of it.
std::string noted_role(const Call& call);
void note_role(const Call& call, const std::string& role);

bool is_pushing(const Call& call);
// Receiver and daemon live, and the daemon listens, unless it may not yet.
bool is_receiving(const Call& call);

}  // namespace duet::rsync_push
