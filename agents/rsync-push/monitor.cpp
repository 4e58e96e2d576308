// SPDX-License-Identifier: GPL-2.0-or-later
#include "actions.hpp"
#include "companions.hpp"
#include "instance.hpp"
#include "pusher.hpp"
#include "receiver.hpp"
#include "role.hpp"
#include "text.hpp"

namespace duet::rsync_push {

namespace {

constexpr Milliseconds long_first_pass{10'000};

Exit look_after_pusher(const Config& config, const Call& call) {
    const auto report = read_report(call);
    if (report.verdict.state.empty() && report.age > long_first_pass) show_state(call, "pushing");
    const auto lacking = report.complete.value_or(report.age);
    if (lacking <= config.stale_after) return Exit::running_promoted;
    const auto words = report.verdict.state.empty()
                           ? "the first pass is not finished"
                           : cat(report.verdict.state, ": ", report.verdict.words);
    throw Failure(Exit::degraded_promoted, cat("no complete pass to the other server for ",
                                               lacking.count() / 1000, " s: ", words));
}

// Nothing lives that should.
Failure what_is_missing(const Call& call) {
    const auto role = noted_role(call);
    if (role == "promoted") return Failure(Exit::failed_promoted, "the pusher is gone");
    const auto left = belongings(call);
    if (!left.empty())
        return Failure(Exit::generic,
                       cat("the rsync daemon does not listen, or nobody looks after it: process ",
                           left[0].pid(), " ('", left[0].executable(), "') is left"));
    return Failure(Exit::not_running,
                   role.empty() ? "it was not started" : "the rsync daemon is gone");
}

}  // namespace

Exit monitor(const Config& config, const Call& call) {
    if (is_pushing(call))
        return call.probe ? Exit::running_promoted : look_after_pusher(config, call);
    if (is_receiving(call)) return Exit::success;
    const auto missing = what_is_missing(call);
    if (call.probe && missing.exit() == Exit::not_running) return Exit::not_running;
    throw missing;
}

Exit reload(const Config& config, const Call& call) {
    const Instance instance(config, call);
    const bool pushing = is_pushing(call);
    if (!pushing && !is_receiving(call))
        throw Failure(Exit::not_running, "neither the pusher nor the rsync daemon runs");
    end_belongings(call);
    start_companion(call, pushing ? Companion::pusher : Companion::receiver);
    return Exit::success;
}

}  // namespace duet::rsync_push
