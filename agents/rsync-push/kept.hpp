// SPDX-License-Identifier: GPL-2.0-or-later
// What only this server has when it becomes the receiver: written after the beginning of its last
// complete pass as the pusher. It is copied aside before anybody may push over it.
#pragma once

#include "instance.hpp"

namespace duet::rsync_push {

// True when this server was promoted since it last was a receiver.
bool has_unsent(const Instance& instance);
// Copies it to a folder of its own and names that in the log and in the attribute INSTANCE-kept.
void keep_unsent(const Instance& instance);

}  // namespace duet::rsync_push
