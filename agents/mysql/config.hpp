// SPDX-License-Identifier: GPL-2.0-or-later
// The parameters of the mysql agent, with their defaults.
#pragma once

#include <string>
#include <vector>

#include "clock.hpp"

namespace duet::mysql {

struct Config {
    std::string binary = "mariadbd";
    std::string config = "/etc/mysql/my.cnf";
    std::string datadir = "/var/lib/mysql";
    std::string socket = "/run/mysqld/mysqld.sock";
    std::string user = "mysql";
    std::string log = "/var/log/mysql/error.log";
    std::string credentials = "/etc/duet/mysql.cnf";
    std::vector<std::string> peers;
    std::string preferred_node;
    std::string failback = "auto";
    Milliseconds failback_delay{60'000};
    std::vector<std::string> failback_requires;
    int failback_limit = 4;
    std::string durability = "lossless";
    Milliseconds standby_timeout{2'000};
    Milliseconds drain_time{5'000};
    Milliseconds hang_time{2'500};
    bool events = true;
    std::string reseed = "manual";
    int reseed_port = 4444;
    int reseed_rate = 40;  // MiB/s
};

constexpr int default_port = 3306;

}  // namespace duet::mysql
