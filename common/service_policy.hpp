// SPDX-License-Identifier: GPL-2.0-or-later
// What nginx and php-fpm decide alike. Values in, a value out: no clock, no kernel, no network.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace duet {

enum class Health { good, slow, bad };

// What the answers of a server amount to, with a sentence where they are not good.
struct Verdict {
    Health health = Health::good;
    std::string sentence;
};
// The worst; the sentences of the equally bad are joined.
Verdict worst(const std::vector<Verdict>& verdicts);

// One look while a server is being started.
struct StartView {
    bool master = false;
    bool starting = false;  // a process that is about to become it
    bool orphans = false;   // of a master that is gone
    bool spawned = false;   // by this action
    bool failed = false;    // what was spawned ended, and said that it failed
    bool asked = false;     // the master was asked for its pages
    bool good = false;      // and answered as it should
    bool late = false;      // it had its time
};
enum class StartStep { done, end_orphans, spawn, ask, wait, fail };
StartStep toward_started(const StartView& view);

// The attribute INSTANCE-state. A look at the process alone does not overrule what a monitor that
// asked has found.
std::string state_after_glance(const std::optional<std::string>& last);
std::string state_after_asking(Health health);
// "broken" stays: the less is written between a failure and its repair, the sooner it is repaired.
std::string state_after_stop(const std::optional<std::string>& last);

}  // namespace duet
