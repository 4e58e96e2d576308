// SPDX-License-Identifier: GPL-2.0-or-later
// What one server's binary log has that the other one's has not. Values in, a value out.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace duet::mysql {

struct DomainGtid {
    std::uint32_t domain = 0, server = 0;
    std::uint64_t sequence = 0;
    auto operator<=>(const DomainGtid&) const = default;
};
std::string to_text(const DomainGtid& gtid);

// MariaDB's gtid_binlog_state: of each domain and server the last transaction in the binary log,
// whether it is still kept or not.
using GtidState = std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t>;
// Nothing when the text is not a list of DOMAIN-SERVER-SEQUENCE; an empty text is the empty state.
std::optional<GtidState> parse_gtid_state(const std::string& text);

bool contains(const GtidState& state, const DomainGtid& gtid);
// Both together: what a server was seeded with stands in its position alone.
GtidState merged(GtidState state, const GtidState& other);
// The last one of each domain and server of `ours` that `theirs` lacks. Not of the position alone:
// behind a transaction of its own a parallel applier may have written some that both have (10.11.19).
std::vector<DomainGtid> missing_in(const GtidState& theirs, const GtidState& ours);

// For a person, bounded: "0-2-17 0-2-18 0-2-19 and 4 more".
std::string name_some(const std::vector<DomainGtid>& gtids, std::size_t most);

// How a standby is related to the server that it is to follow.
enum class Kinship {
    unknown,   // not compared: the other one does not answer
    kin,       // everything that it has, the other one has
    diverged,  // it has something that the other one has not
    too_old,   // it has not, and what it lacks the other one no longer keeps
};
struct KinshipView {
    std::optional<GtidState> ours, theirs;
    // The source refused to send: ER_MASTER_FATAL_ERROR_READING_BINLOG (1236).
    bool source_refused = false;
    // The applier met a transaction out of its order: ER_GTID_STRICT_OUT_OF_ORDER (1950).
    bool out_of_order = false;
};
Kinship judge(const KinshipView& view);

// Following it makes no sense, nor does promoting it.
bool is_lost(Kinship kinship);
// The word of the state attribute: a server that cannot follow is that before anything else.
std::string shown_state(Kinship kinship, const std::string& otherwise);

// As it stands in the notes, and back.
const char* to_text(Kinship kinship);
Kinship parse_kinship(const std::string& text);

}  // namespace duet::mysql
