// SPDX-License-Identifier: GPL-2.0-or-later
#include "divergence.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace duet::mysql {

namespace {

template <typename Number>
bool take(std::string_view& text, Number& value, char after) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return false;
    text.remove_prefix(std::size_t(end - text.data()));
    if (!after) return true;
    if (text.empty() || text.front() != after) return false;
    text.remove_prefix(1);
    return true;
}

void skip(std::string_view& text, std::string_view what) {
    while (!text.empty() && what.find(text.front()) != what.npos) text.remove_prefix(1);
}

}  // namespace

std::string to_text(const DomainGtid& gtid) {
    return std::to_string(gtid.domain) + '-' + std::to_string(gtid.server) + '-' +
           std::to_string(gtid.sequence);
}

std::optional<GtidState> parse_gtid_state(const std::string& text) {
    GtidState state;
    std::string_view rest = text;
    for (skip(rest, " \n"); !rest.empty(); skip(rest, " \n,")) {
        DomainGtid gtid;
        if (!take(rest, gtid.domain, '-') || !take(rest, gtid.server, '-') ||
            !take(rest, gtid.sequence, '\0'))
            return std::nullopt;
        auto& last = state[{gtid.domain, gtid.server}];
        last = std::max(last, gtid.sequence);
    }
    return state;
}

bool contains(const GtidState& state, const DomainGtid& gtid) {
    const auto found = state.find({gtid.domain, gtid.server});
    return found != state.end() && found->second >= gtid.sequence;
}

GtidState merged(GtidState state, const GtidState& other) {
    for (const auto& [key, sequence] : other) {
        auto& last = state[key];
        last = std::max(last, sequence);
    }
    return state;
}

std::vector<DomainGtid> missing_in(const GtidState& theirs, const GtidState& ours) {
    std::vector<DomainGtid> missing;
    for (const auto& [key, sequence] : ours)
        if (const DomainGtid gtid{key.first, key.second, sequence}; !contains(theirs, gtid))
            missing.push_back(gtid);
    return missing;
}

std::string name_some(const std::vector<DomainGtid>& gtids, std::size_t most) {
    std::string text;
    for (std::size_t i = 0; i < std::min(most, gtids.size()); ++i)
        text += (i ? " " : "") + to_text(gtids[i]);
    if (gtids.size() > most) text += " and " + std::to_string(gtids.size() - most) + " more";
    return text;
}

Kinship judge(const KinshipView& view) {
    if (view.ours && view.theirs && !missing_in(*view.theirs, *view.ours).empty())
        return Kinship::diverged;
    // An order that strict mode forbids has no other cause, whether the source answers or not.
    if (view.out_of_order) return Kinship::diverged;
    if (!view.ours || !view.theirs) return Kinship::unknown;
    return view.source_refused ? Kinship::too_old : Kinship::kin;
}

bool is_lost(Kinship kinship) {
    return kinship == Kinship::diverged || kinship == Kinship::too_old;
}

std::string shown_state(Kinship kinship, const std::string& otherwise) {
    return is_lost(kinship) ? to_text(kinship) : otherwise;
}

const char* to_text(Kinship kinship) {
    switch (kinship) {
        case Kinship::unknown: return "unknown";
        case Kinship::kin: return "kin";
        case Kinship::diverged: return "diverged";
        case Kinship::too_old: return "too-old";
    }
    return "unknown";
}

Kinship parse_kinship(const std::string& text) {
    for (const auto kinship : {Kinship::kin, Kinship::diverged, Kinship::too_old})
        if (text == to_text(kinship)) return kinship;
    return Kinship::unknown;
}

}  // namespace duet::mysql
