// SPDX-License-Identifier: GPL-2.0-or-later
// The actions of the rsync-push agent, one file each.
#pragma once

#include "call.hpp"
#include "config.hpp"
#include "failure.hpp"

namespace duet::rsync_push {

Exit start(const Config& config, const Call& call);
Exit stop(const Config& config, const Call& call);
Exit promote(const Config& config, const Call& call);
Exit demote(const Config& config, const Call& call);
Exit monitor(const Config& config, const Call& call);
Exit reload(const Config& config, const Call& call);
Exit validate(const Config& config, const Call& call);

}  // namespace duet::rsync_push
