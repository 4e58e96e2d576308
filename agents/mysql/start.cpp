// SPDX-License-Identifier: GPL-2.0-or-later
#include "actions.hpp"
#include "log.hpp"
#include "seed.hpp"
#include "tail.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr Milliseconds glance{20};
constexpr Milliseconds peer_patience{5'000};   // for a member that has not published its claim
constexpr Milliseconds server_patience{4'000};  // then recovery goes on behind the action

// Two servers must not come up and be promoted past each other: this one shows that it is starting,
// sees that in its own copy, and then looks whether the other one is being promoted.
Standing come_forward(Instance& instance) {
    const auto end = instance.call.deadline.at_most(peer_patience);
    for (;;) {
        const auto cluster = instance.look();
        const auto standing = instance.standing(cluster, instance.record.own.number > 0);
        const bool shown =
            cluster.attribute(instance.call.node, instance.attribute("state")) == "starting";
        const bool silent = standing.peer_member && !standing.claim;
        const bool promoting = standing.peer_member && standing.peer_state == "promoting";
        if (end.expired() || (shown && !silent && !promoting)) return standing;
        if (promoting) {
            instance.set_state("stopped");
        } else {
            instance.set_state("starting");
        }
        end.pause(glance, "the other server");
    }
}

// False when it is still busy with its own recovery.
bool wait_until_it_answers(Instance& instance, const Process& process) {
    const auto end = instance.call.deadline.at_most(server_patience);
    while (!end.expired()) {
        if (!process.alive()) {
            const auto error = instance.server.first_error();
            throw Failure(Exit::generic,
                          cat("mysqld ended while it was starting: ",
                              error.empty() ? cat("see '", instance.config.log, "'") : error));
        }
        try {
            instance.connect();
            return true;
        } catch (const SqlError& error) {
            if (!error.is_connection())
                throw Failure(Exit::generic, cat("mysqld runs, but: ", error.what()));
        }
        end.pause(glance, "mysqld to answer");
    }
    return false;
}

RecoveryRole decide_role(const Standing& standing) {
    const auto role = recovery_role(standing);
    log::info("starting mysqld: own epoch ", to_text(standing.own), ", the other server's ",
              standing.known(), standing.claim ? "" : " (not heard of)", ", recovery as ",
              role == RecoveryRole::replica ? "replica" : "source");
    return role;
}

}  // namespace

Exit start(const Config& config, const Call& call) {
    read_credentials(config.credentials);
    Instance instance(config, call);
    if (call.clustered() && !instance.is_named())
        throw Failure(Exit::args, cat("parameter 'peers' is '", join(config.peers, " "),
                                      "' and does not name this node, '", call.node, "'"));
    if (is_being_seeded(instance)) {
        publish_seeding(instance);
        return Exit::success;
    }
    auto process = instance.server.find();
    if (!process) {
        mend_seeding(instance);
        instance.attributes.set_promotion_score(ineligible);
        // Whether it is empty is known when it runs; until then it must not be taken for empty.
        instance.publish_claim(true);
        instance.note_demoted();
        instance.notes.erase("granted life");
        const auto standing = instance.peer() ? come_forward(instance) : instance.standing({}, true);
        const auto role = decide_role(standing);
        if (role == RecoveryRole::replica) copy_tail(config, call);
        process = instance.server.start(role);
    }
    if (!wait_until_it_answers(instance, *process)) {
        log::info("mysqld is recovering; the monitor goes on from here");
        instance.set_state("recovering");
        return Exit::success;
    }
    settle_tail(call);
    if (!instance.is_promoted(*process)) publish_standby(instance, tend_standby(instance, *process));
    return Exit::success;
}

}  // namespace duet::mysql
