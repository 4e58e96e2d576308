// SPDX-License-Identifier: GPL-2.0-or-later
#include "actions.hpp"
#include "companions.hpp"
#include "instance.hpp"
#include "role.hpp"

namespace duet::rsync_push {

Exit stop(const Config&, const Call& call) {
    end_belongings(call);
    note_role(call, "");
    withdraw_state(call);
    return Exit::success;
}

}  // namespace duet::rsync_push
