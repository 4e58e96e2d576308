// SPDX-License-Identifier: GPL-2.0-or-later
// Seeding, as the actions see it: begun, watched and ended here, done by a companion of its own on
// each side, so that no action is long.
#pragma once

#include <optional>
#include <string>

#include "actions.hpp"
#include "seed_receive.hpp"

namespace duet::mysql {

// True while this server is being seeded: its data may change places at any moment, so that only
// the companion may start, stop or open it.
bool is_being_seeded(const Instance& instance);
// What a monitor has to say then.
void publish_seeding(Instance& instance);

// The standby's monitor, after it has published itself: begins a seeding when there is reason to, and
// shows why the last one failed.
void tend_seeding(Instance& instance, const StandbyLook& look);
// The active's monitor: answers a standby that asks. `wanted`: its seed attribute.
void answer_seed_request(Instance& instance);

// Before a server is started, when none runs: a swap that was interrupted is completed or undone.
void mend_seeding(const Instance& instance);
// stop and demote: ends the companions, and what they have begun. The old data stay, or are put back
// by mend_seeding().
void end_seeding(const Instance& instance);

// The companions' main: --seed takes, --donate gives. Nothing for any other argument.
std::optional<int> run_seed_companion(int argc, char** argv, void (*configure)(Config&));

}  // namespace duet::mysql
