// SPDX-License-Identifier: GPL-2.0-or-later
#include "actions.hpp"
#include "instance.hpp"
#include "rsyncd.hpp"

namespace duet::rsync_push {

Exit validate(const Config& config, const Call& call) {
    constexpr int environment_level = 10;
    if (call.check_level < environment_level) return Exit::success;
    const Instance instance(config, call);
    instance.rsync();
    read_secret(config);
    return Exit::success;
}

}  // namespace duet::rsync_push
