// SPDX-License-Identifier: GPL-2.0-or-later
#include "actions.hpp"
#include "companions.hpp"
#include "instance.hpp"
#include "log.hpp"
#include "role.hpp"
#include "rsyncd.hpp"

namespace duet::rsync_push {

Exit start(const Config& config, const Call& call) {
    const Instance instance(config, call);
    instance.rsync();
    read_secret(config);
    if (is_receiving(call)) return Exit::success;
    end_belongings(call);
    note_role(call, "unpromoted");
    start_companion(call, Companion::receiver);
    log::info("receives from '", instance.peer().address, "'");
    return Exit::success;
}

}  // namespace duet::rsync_push
