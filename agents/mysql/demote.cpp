// SPDX-License-Identifier: GPL-2.0-or-later
#include "actions.hpp"
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
    // For the other server's promote, which waits until it has applied exactly this. Private, so
    // that the transition under way is not aborted.
    instance.attributes.set_private(instance.attribute("final"),
                                    cat(instance.record.own.number, ' ', *position));
    log::info("demoted at ", *position);
    return Exit::success;
}

}  // namespace duet::mysql
