// SPDX-License-Identifier: GPL-2.0-or-later
#include "actions.hpp"
#include "health.hpp"
#include "log.hpp"
#include "seed.hpp"
#include "text.hpp"

namespace duet::mysql {

Exit demote(const Config& config, const Call& call) {
    Instance instance(config, call);
    if (!is_being_seeded(instance)) end_seeding(instance);  // of the other server
    const auto process = instance.server.find();
    // A server that does not run is not open: that is all a demotion has to reach.
    if (!process) {
        instance.note_demoted();
        return Exit::success;
    }
    const auto position = close_server(instance, *process);
    instance.note_demoted();
    if (!position)
        throw Failure(Exit::generic, "mysqld could not be closed in time and was ended hard, so "
                                     "that no client is told a commit that may be lost");
    // A commit that could not be written to the binary log has its number all the same: the other server
    // would wait for transactions that nobody can have.
    if (const auto lack = lack_of_room(instance); !lack.empty()) {
        log::warning("demoted at ", *position, ", which is not told", lack);
        return Exit::success;
    }
    // For the other server's promote, which waits until it has applied exactly this. Private, so
    // that the transition under way is not aborted.
    instance.attributes.set_private(instance.attribute("final"),
                                    cat(instance.record.own.number, ' ', *position));
    log::info("demoted at ", *position);
    return Exit::success;
}

}  // namespace duet::mysql
