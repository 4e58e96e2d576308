// SPDX-License-Identifier: GPL-2.0-or-later
// The parameters of the vip agent, with their defaults.
#pragma once

#include <string>
#include <vector>

#include "clock.hpp"

namespace duet::vip {

struct Config {
    std::vector<std::string> addresses;
    std::vector<std::string> gateways;
    std::string conflict = "takeover";
    Milliseconds refresh{60'000};
    bool check_link = true;
    bool close_connections = true;
    bool source_address = false;
};

}  // namespace duet::vip
