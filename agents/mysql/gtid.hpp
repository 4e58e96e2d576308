// SPDX-License-Identifier: GPL-2.0-or-later
// Global transaction ids. MariaDB's as positions: the last one of each replication domain (MariaDB
// documentation, "Global Transaction ID": DOMAIN-SERVER-SEQUENCE, comma-separated). MySQL's as sets
// (MySQL Reference Manual, "GTID Sets": UUID[:TAG]:FROM[-TO]..., comma-separated).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

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

struct GtidInterval {
    std::uint64_t first = 1, last = 1;
    bool operator==(const GtidInterval&) const = default;
};
// By "UUID" or "UUID:TAG" in small letters; the intervals in order, no two of them touch.
using GtidSet = std::map<std::string, std::vector<GtidInterval>>;

std::optional<GtidSet> parse_gtid_set(const std::string& text);
std::string to_text(const GtidSet& set);
bool covers(const GtidSet& set, const GtidSet& other);
// What of `set` is not in `other`.
GtidSet subtract(const GtidSet& set, const GtidSet& other);

// For both kinds, as the servers print them; an unreadable one covers nothing and is not covered.
bool covers(const std::string& position, const std::string& other);

// What of `own` the source does not have, of what did not begin at the source itself: a commit of its
// own that waits for an acknowledgement is not in its set yet. Nothing when a set is unreadable.
std::optional<GtidSet> errant(const std::string& own, const std::string& source,
                              const std::string& source_uuid);

}  // namespace duet::mysql
