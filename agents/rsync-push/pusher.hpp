// SPDX-License-Identifier: GPL-2.0-or-later
// The process of the Promoted instance: one pass after the other, until it is ended.
#pragma once

#include "instance.hpp"

namespace duet::rsync_push {

// Never returns but for an error of this server.
void push_forever(const Instance& instance);

// What the pusher noted last; read by the actions.
struct PusherReport {
    Verdict verdict;  // without a state before the first pass ended
    Milliseconds age{0};
    std::optional<Milliseconds> complete;  // since the last complete pass
};
PusherReport read_report(const Call& call);

}  // namespace duet::rsync_push
