// SPDX-License-Identifier: GPL-2.0-or-later
#include "actions.hpp"
#include "companions.hpp"
#include "file.hpp"
#include "instance.hpp"
#include "kept.hpp"
#include "log.hpp"
#include "pass.hpp"
#include "role.hpp"

namespace duet::rsync_push {

Exit promote(const Config& config, const Call& call) {
    const Instance instance(config, call);
    if (is_pushing(call)) return Exit::success;
    // The daemon first: from here on nobody may write to this server's trees but the site itself.
    end_belongings(call);
    const auto epoch = instance.new_epoch();
    instance.write_epoch(epoch);
    // What is written from now on is only here until a pass is complete. An older mark stays: what
    // came after it did not leave this server either.
    if (!has_unsent(instance)) replace_file(mark_file(instance), "", Durability::none);
    note_role(call, "promoted");
    start_companion(call, Companion::pusher);
    log::info("pushes to '", instance.peer().address, "' as promotion ", epoch);
    return Exit::success;
}

}  // namespace duet::rsync_push
