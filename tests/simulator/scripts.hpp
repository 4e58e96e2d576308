// SPDX-License-Identifier: GPL-2.0-or-later
// Rules whose need shows only when several faults hit the right moments, which random faults do too
// seldom: each has a script that brings these moments about. A is active, B granted at first.
#pragma once

#include <span>

#include "schedule.hpp"

namespace duet::simulator {

struct ScriptedCase {
    const char* name;
    Broken broken;
    bool fencing;
    Script script;
    long count;  // of seeds, from 1 on
};

std::span<const ScriptedCase> scripted_variants();

}  // namespace duet::simulator
