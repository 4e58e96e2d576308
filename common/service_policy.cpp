// SPDX-License-Identifier: GPL-2.0-or-later
#include "service_policy.hpp"

#include <algorithm>

namespace duet {

Verdict worst(const std::vector<Verdict>& verdicts) {
    Verdict result;
    for (const auto& verdict : verdicts) result.health = std::max(result.health, verdict.health);
    if (result.health == Health::good) return result;
    for (const auto& verdict : verdicts) {
        if (verdict.health != result.health) continue;
        if (!result.sentence.empty()) result.sentence += "; ";
        result.sentence += verdict.sentence;
    }
    return result;
}

StartStep toward_started(const StartView& view) {
    if (view.orphans && !view.master) return StartStep::end_orphans;
    if (view.master && view.good) return StartStep::done;
    if (view.failed || view.late) return StartStep::fail;
    if (view.master) return view.asked ? StartStep::wait : StartStep::ask;
    if (view.starting || view.spawned) return StartStep::wait;
    return StartStep::spawn;
}

std::string state_after_glance(const std::optional<std::string>& last) {
    return !last || *last == "stopped" ? "ok" : *last;
}

std::string state_after_asking(Health health) {
    switch (health) {
        case Health::good: return "ok";
        case Health::slow: return "slow";
        case Health::bad: break;
    }
    return "broken";
}

std::string state_after_stop(const std::optional<std::string>& last) {
    return last == "broken" ? "broken" : "stopped";
}

}  // namespace duet
