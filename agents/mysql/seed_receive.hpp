// SPDX-License-Identifier: GPL-2.0-or-later
// The standby's side of a seeding: takes the active's data, puts them in the place of its own, and
// keeps those until the new ones are in use.
#pragma once

#include <functional>
#include <string>

#include "instance.hpp"
#include "fd.hpp"
#include "seed_policy.hpp"

namespace duet::mysql {

enum class SeedPhase {
    none,
    waiting,    // for the active to connect
    receiving,
    preparing,
    swapping,   // no server may run
    settling,   // the new server runs; the old data are still there
};
const char* to_text(SeedPhase phase);
SeedPhase parse_seed_phase(const std::string& text);

// Takes as long as it takes. `tell` is called at each new phase. Up to `swapping` the old data and
// the server on them are untouched; when the new ones are of no use they come back. Throws Failure
// with a sentence.
void receive_seed(const Instance& instance, const Fd& listener, const SeedRequest& request,
                  const std::function<void(SeedPhase)>& tell);

// The last step of it, also when the machine was restarted in between: a server that runs on seeded
// data begins its own history. Nothing to do for any other. Throws SqlError.
void finish_seed(const Config& config, Database& database);

}  // namespace duet::mysql
