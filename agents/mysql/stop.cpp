// SPDX-License-Identifier: GPL-2.0-or-later
#include "actions.hpp"
#include "health.hpp"
#include "log.hpp"
#include "seed.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

// Nothing when it does not answer.
std::optional<bool> is_open(Instance& instance) {
    try {
        return instance.connect().look().open;
    } catch (const SqlError&) {
        return std::nullopt;
    }
}

// A solo server that leaves would take with it what the standby needs to be promoted.
void offer_role(Instance& instance, const Process& process) {
    try {
        hand_over(instance, process, instance.call.deadline.remaining() / 2);
    } catch (const SqlError& error) {
        log::warning("the standby was not granted the role: ", error.what());
    } catch (const Failure& failure) {
        log::warning("the standby was not granted the role: ", failure.what());
    }
}

Failure immortal(const Process& process) {
    return Failure(Exit::generic, cat("mysqld (process ", process.pid(), ") survives even SIGKILL: "
                                      "it waits for a disk that does not answer"));
}

}  // namespace

Exit stop(const Config& config, const Call& call) {
    Instance instance(config, call);
    instance.attributes.remove_promotion_score();
    withdraw_failback(instance);
    end_seeding(instance);
    // A promote that was killed behind its epoch file has told nobody: the other server must learn
    // of it before this one says that it is stopped, or leaves.
    if (instance.record.own.number > 0) instance.publish_claim(true);
    auto process = instance.server.find();
    if (process && is_half_dead(*process)) {
        if (!end_hard(*process, call.deadline)) throw immortal(*process);
        process = instance.server.find();
    }
    // Open or silent although it was promoted: what its clients were not told must stay untold.
    const auto open = process ? is_open(instance) : std::nullopt;
    // The connection of a server that hangs stands until it is killed, which may take longer than the
    // active believes an announced stop: it must not begin to wait for it again.
    if (process && !open) instance.set_state("stopping");
    if (process && (open.value_or(false) || instance.is_promoted(*process)))
        if (!close_server(instance, *process)) {
            process = instance.server.find();
            if (process) throw immortal(*process);
        }
    if (process) offer_role(instance, *process);
    // On a full disk the last transaction in the binary log is torn. A shutdown in order would make it
    // part of this server's history; after a crash the recovery cuts it off.
    if (const auto lack = lack_of_room(instance); process && !lack.empty()) {
        log::warning("mysqld is ended hard", lack);
        end_hard(*process, call.deadline);
        process = instance.server.find();
    }
    if (process && !shut_down(*process, call.deadline)) throw immortal(*process);
    instance.note_demoted();
    instance.end_life();
    if (const auto left = instance.server.find())
        throw Failure(Exit::generic,
                      cat("process ", left->pid(), " still works in '", config.datadir, "'"));
    mend_seeding(instance);
    instance.set_state("stopped");
    return Exit::success;
}

}  // namespace duet::mysql
