// SPDX-License-Identifier: GPL-2.0-or-later
// Whether what this server sends arrives: a network that drops silently leaves a connection standing
// for minutes, and the server counts the replica at its other end as connected. Values in, a value out.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace duet::mysql {

// For how long, at least, nothing sent from `port` to `address` has been acknowledged by the other
// machine, from the retransmissions of its best connection; nothing when there is none. `table` is
// the text of /proc/net/tcp, of /proc/net/tcp6, or of both.
std::optional<std::chrono::milliseconds> unanswered_for(const std::string& table,
                                                        const std::string& address, int port);

}  // namespace duet::mysql
