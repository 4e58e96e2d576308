// SPDX-License-Identifier: GPL-2.0-or-later
// What a server that does not run would run with, by its own word.
#pragma once

#include <string>

#include "clock.hpp"
#include "config.hpp"

namespace duet::mysql {

struct ServerOptions {
    std::string binlog;        // full path without its number; empty: it writes none, or is unknown
    std::string binlog_index;  // full path
    long server_id = 0;
    bool cuts_tail = false, clones = false;  // as its dialect has it
    std::string elsewhere;     // an option that puts data outside of the data directory; empty: none
};
// By `mariadbd --verbose --help`, which reads the option file as a start does. Throws
// Failure(installed) when the server's program is not there.
ServerOptions read_server_options(const Config& config, const Deadline& deadline);

}  // namespace duet::mysql
