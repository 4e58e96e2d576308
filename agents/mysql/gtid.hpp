// SPDX-License-Identifier: GPL-2.0-or-later
// MariaDB's global transaction ids, as positions: the last one of each replication domain.
// (MariaDB documentation, "Global Transaction ID": DOMAIN-SERVER-SEQUENCE, comma-separated.)
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace duet::mysql {

struct Gtid {
    std::uint32_t server = 0;
    std::uint64_t sequence = 0;
    bool operator==(const Gtid&) const = default;
};
using GtidPosition = std::map<std::uint32_t, Gtid>;

// Nothing when the text is not a position; an empty text is the empty position.
std::optional<GtidPosition> parse_gtid_position(const std::string& text);

// True when a server at `position` has reached `other` in each domain of `other`. With one domain
// for the pair and strict mode, sequence numbers alone decide.
bool covers(const GtidPosition& position, const GtidPosition& other);
// For positions as the server prints them; an unreadable one covers nothing and is not covered.
bool covers(const std::string& position, const std::string& other);

}  // namespace duet::mysql
