// SPDX-License-Identifier: GPL-2.0-or-later
// A schedule: a pair, some faults at some steps, everything in between in random order and at
// random speeds, then healing. The seed decides all of it.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "world.hpp"

namespace duet::simulator {

enum class Fault : std::uint8_t {
    power_of_one,
    power_of_both,
    kill_mysqld,
    cut_ring,
    cut_link,
    cut_both,
    heal_network,
    fence,
    kill_agent,
    restart_attrd,
    standby,
    no_standby,
    stop_cluster,
    move,
    forget_failures,
    force,
    // Only in scripts.
    hold_attributes,
    deliver_attributes
};

struct PlannedFault {
    int step = 0;
    Fault fault = Fault::heal_network;
    Node node = 0;
};

struct Plan {
    std::array<PlannedFault, 10> faults{};
    int count = 0;
};
Plan plan_faults(std::uint64_t seed);

// A fault that waits for its moment. A script is a list of them: each one waits for the one before.
struct Cue {
    bool (*when)(const World&);
    Fault fault;
    Node node;
};
using Script = std::span<const Cue>;

struct Outcome {
    std::string violation;   // empty: none
    bool diverged = false;   // one server is quarantined at the end
    bool exhausted = false;  // ended early for want of transactions, and says nothing about I3
    int steps = 0;
    std::vector<std::string> trace;  // only when asked for
};
Outcome run(std::uint64_t seed, Setup setup, Broken broken, const Plan& plan, bool traced);
// From the usual beginning; the speeds are still those of the seed.
Outcome run(std::uint64_t seed, Setup setup, Broken broken, Script script, bool traced);

// The plan without the faults that the violation does not need.
Plan shrink(std::uint64_t seed, Setup setup, Broken broken, Plan plan);

}  // namespace duet::simulator
