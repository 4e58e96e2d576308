// SPDX-License-Identifier: GPL-2.0-or-later
// The parameters of the rsync-push agent, with their defaults.
#pragma once

#include <string>
#include <vector>

#include "clock.hpp"

namespace duet::rsync_push {

struct Config {
    std::vector<std::string> trees;
    std::vector<std::string> peers;
    int port = 8730;
    std::string secret = "/etc/duet/rsync.secret";
    std::string binary = "rsync";
    Milliseconds interval{20'000};
    std::vector<std::string> exclude;
    std::string max_delete = "50%";
    Milliseconds stale_after{300'000};
    Milliseconds last_push{2'000};
};

}  // namespace duet::rsync_push
