// SPDX-License-Identifier: GPL-2.0-or-later
// The process of the Unpromoted instance: it keeps the rsync daemon, learns of complete passes,
// runs the hooks and shows the state.
#pragma once

#include "instance.hpp"

namespace duet::rsync_push {

// Never returns; throws when the daemon ended.
void receive_forever(const Instance& instance);

// True while it copies aside what only this server has, before it lets anybody in.
bool is_keeping(const Call& call);

}  // namespace duet::rsync_push
