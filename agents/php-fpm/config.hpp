// SPDX-License-Identifier: GPL-2.0-or-later
// The parameters of the php-fpm agent, with their defaults.
#pragma once

#include <string>
#include <vector>

#include "clock.hpp"

namespace duet::php_fpm {

struct Config {
    std::string binary = "php-fpm";
    std::string config = "/etc/php/8.2/fpm/php-fpm.conf";
    std::vector<std::string> listen{"/run/php/php8.2-fpm.sock"};
    std::string ping = "/ping";
    std::string response = "pong";
    std::string status;
    int queue = 0;
    Milliseconds connect_patience{1'000};
    Milliseconds patience{3'000};
    Milliseconds slow{0};
    Milliseconds drain{5'000};
};

}  // namespace duet::php_fpm
