// SPDX-License-Identifier: GPL-2.0-or-later
#include "actions.hpp"
#include "companions.hpp"
#include "instance.hpp"
#include "log.hpp"
#include "pass.hpp"
#include "pusher.hpp"
#include "role.hpp"

namespace duet::rsync_push {

namespace {

// What was written since the last pass, if the other server is there to have it. What does not
// arrive in time is not lost: the receiver keeps it aside.
void push_for_the_last_time(const Instance& instance) {
    if (instance.config.last_push.count() == 0) return;
    const auto report = read_report(instance.call);
    if (report.verdict.state != "complete" && report.verdict.state != "behind") return;
    Passes passes(instance);
    // The pusher's last pass was not delivered whole: neither were the hooks.
    if (report.verdict.state != "complete") passes.assume_changed();
    const auto verdict = passes.run_last(instance.call.deadline.at_most(instance.config.last_push));
    if (verdict.state != "complete")
        log::warning("the last push before the demotion: ", verdict.state, ": ", verdict.words);
}

}  // namespace

Exit demote(const Config& config, const Call& call) {
    if (is_receiving(call)) return Exit::success;
    const Instance instance(config, call);
    const bool was_pushing = is_pushing(call);
    end_belongings(call);
    if (was_pushing) push_for_the_last_time(instance);
    note_role(call, "unpromoted");
    start_companion(call, Companion::receiver);
    log::info("receives from '", instance.peer().address, "'");
    return Exit::success;
}

}  // namespace duet::rsync_push
