// SPDX-License-Identifier: GPL-2.0-or-later
// The log: syslog under "duet-AGENT(INSTANCE)[PID]", stderr where a person looks on, and the
// log file that Pacemaker names in the environment (HA_logfile). One line per change of the world.
#pragma once

#include <string>

#include "text.hpp"

namespace duet::log {

enum class Level { debug, info, warning, error };

// Called once by whoever owns main; until then lines go to stderr only when it is a terminal.
void open(const std::string& tag);
void write(Level level, const std::string& line);

template <typename... Parts>
void debug(const Parts&... parts) {
    write(Level::debug, cat(parts...));
}
template <typename... Parts>
void info(const Parts&... parts) {
    write(Level::info, cat(parts...));
}
template <typename... Parts>
void warning(const Parts&... parts) {
    write(Level::warning, cat(parts...));
}
template <typename... Parts>
void error(const Parts&... parts) {
    write(Level::error, cat(parts...));
}

}  // namespace duet::log
