// SPDX-License-Identifier: GPL-2.0-or-later
#include "actions.hpp"
#include "log.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr Milliseconds tending{3'000};  // of one monitor; what is left goes on in the next
// A last server that has not been promoted for so long may not be (a ban, failures).
constexpr Milliseconds passed_over_for{10'000};

Exit monitor_promoted(Instance& instance, const Process& process) {
    if (!instance.connect().look().open)
        throw Failure(Exit::failed_promoted,
                      "the active server was closed for writes, and not by demote");
    tend_active(instance, process, false, tending);
    instance.attributes.set_promotion_score(1000);
    return Exit::running_promoted;
}

Exit monitor_standby(Instance& instance, const Process& process) {
    const auto look = tend_standby(instance, process);
    publish_standby(instance, look);
    if (!is_last(look.standing)) {
        instance.notes.erase("last");
    } else if (instance.notes.running("last") >= passed_over_for) {
        hand_over(instance, process, tending);
    }
    return Exit::success;
}

// A server that has not answered since it was started is recovering, however long that takes.
bool is_recovering(const Instance& instance, const Process& process) {
    return instance.life(process).empty();
}

}  // namespace

Exit monitor(const Config& config, const Call& call) {
    Instance instance(config, call);
    // Whether it is empty is known when it runs; until then it must not be taken for empty.
    if (call.probe) instance.publish_claim(true);
    const auto process = instance.server.find();
    if (!process) {
        if (call.probe) return Exit::not_running;
        throw Failure(Exit::not_running, cat("no mysqld works in '", config.datadir, "'"));
    }
    const bool promoted = instance.is_promoted(*process);
    try {
        if (call.probe) return promoted ? Exit::running_promoted : Exit::success;
        return promoted ? monitor_promoted(instance, *process)
                        : monitor_standby(instance, *process);
    } catch (const SqlError& error) {
        if (!promoted && error.is_connection() && is_recovering(instance, *process)) {
            instance.attributes.set_promotion_score(ineligible);
            instance.set_state("recovering");
            return Exit::success;
        }
        throw Failure(promoted ? Exit::failed_promoted : Exit::generic,
                      cat("mysqld (process ", process->pid(), ") runs, but: ", error.what()));
    }
}

}  // namespace duet::mysql
