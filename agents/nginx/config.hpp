// SPDX-License-Identifier: GPL-2.0-or-later
// The parameters of the nginx agent, with their defaults.
#pragma once

#include <string>
#include <vector>

#include "clock.hpp"

namespace duet::nginx {

struct Config {
    std::string binary = "nginx";
    std::string config = "/etc/nginx/nginx.conf";
    std::vector<std::string> url;
    int status = 200;
    std::string body;
    std::string target;
    std::string ca;
    bool verify = true;
    Milliseconds connect_patience{1'000};
    Milliseconds patience{3'000};
    Milliseconds slow{0};
    Milliseconds drain{5'000};
};

}  // namespace duet::nginx
