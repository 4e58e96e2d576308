// SPDX-License-Identifier: GPL-2.0-or-later
#include "gtid.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace duet::mysql {

namespace {

template <typename Number>
bool take(std::string_view& text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return false;
    text.remove_prefix(std::size_t(end - text.data()));
    return true;
}

bool take(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
}

void skip_blanks(std::string_view& text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
}

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

char lowered(char letter) { return letter >= 'A' && letter <= 'Z' ? char(letter + 32) : letter; }

// Eight, four, four, four and twelve hexadecimal digits.
bool take_uuid(std::string_view& text, std::string& uuid) {
    constexpr std::size_t length = 36;
    if (text.size() < length) return false;
    uuid.clear();
    for (std::size_t i = 0; i < length; ++i) {
        const char letter = lowered(text[i]);
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? letter != '-' : !is_digit(letter) && (letter < 'a' || letter > 'f')) return false;
        uuid += letter;
    }
    text.remove_prefix(length);
    return true;
}

bool take_tag(std::string_view& text, std::string& tag) {
    const auto is_letter = [](char letter) { return letter == '_' || (letter >= 'a' && letter <= 'z'); };
    tag.clear();
    while (!text.empty()) {
        const char letter = lowered(text.front());
        if (!is_letter(letter) && (tag.empty() || !is_digit(letter))) break;
        tag += letter;
        text.remove_prefix(1);
    }
    return !tag.empty();
}

bool take_interval(std::string_view& text, GtidInterval& interval) {
    if (!take(text, interval.first)) return false;
    interval.last = interval.first;
    if (!text.empty() && text.front() == '-' && (!take(text, '-') || !take(text, interval.last)))
        return false;
    return interval.first > 0 && interval.last >= interval.first;
}

void normalize(std::vector<GtidInterval>& intervals) {
    std::sort(intervals.begin(), intervals.end(),
              [](const auto& one, const auto& other) { return one.first < other.first; });
    std::vector<GtidInterval> merged;
    for (const auto& interval : intervals)
        if (!merged.empty() && interval.first <= merged.back().last + 1)
            merged.back().last = std::max(merged.back().last, interval.last);
        else
            merged.push_back(interval);
    intervals = std::move(merged);
}

// One UUID with what follows it: intervals, each tag before its own.
bool take_source(std::string_view& text, GtidSet& set) {
    std::string uuid, tag;
    if (!take_uuid(text, uuid)) return false;
    auto name = uuid;
    bool has_interval = false;
    while (take(text, ':')) {
        if (take_tag(text, tag)) {
            if (name != uuid && !has_interval) return false;
            name = uuid + ':' + tag;
            has_interval = false;
            continue;
        }
        GtidInterval interval;
        if (!take_interval(text, interval)) return false;
        set[name].push_back(interval);
        has_interval = true;
    }
    return has_interval;
}

}  // namespace

std::optional<GtidPosition> parse_gtid_position(const std::string& text) {
    GtidPosition position;
    std::string_view rest = text;
    skip_blanks(rest);
    while (!rest.empty()) {
        std::uint32_t domain = 0;
        Gtid gtid;
        if (!take(rest, domain) || !take(rest, '-') || !take(rest, gtid.server) ||
            !take(rest, '-') || !take(rest, gtid.sequence))
            return std::nullopt;
        position[domain] = gtid;
        skip_blanks(rest);
        if (rest.empty()) break;
        if (!take(rest, ',')) return std::nullopt;
        skip_blanks(rest);
        if (rest.empty()) return std::nullopt;
    }
    return position;
}

bool covers(const GtidPosition& position, const GtidPosition& other) {
    for (const auto& [domain, gtid] : other) {
        const auto found = position.find(domain);
        if (found == position.end() || found->second.sequence < gtid.sequence) return false;
    }
    return true;
}

std::optional<GtidSet> parse_gtid_set(const std::string& text) {
    GtidSet set;
    std::string_view rest = text;
    skip_blanks(rest);
    while (!rest.empty()) {
        if (!take_source(rest, set)) return std::nullopt;
        skip_blanks(rest);
        if (rest.empty()) break;
        if (!take(rest, ',')) return std::nullopt;
        skip_blanks(rest);
        if (rest.empty()) return std::nullopt;
    }
    for (auto& [source, intervals] : set) normalize(intervals);
    return set;
}

std::string to_text(const GtidSet& set) {
    std::string text;
    for (const auto& [source, intervals] : set) {
        text += (text.empty() ? "" : ",") + source;
        for (const auto& [first, last] : intervals) {
            text += ':' + std::to_string(first);
            if (last != first) text += '-' + std::to_string(last);
        }
    }
    return text;
}

GtidSet subtract(const GtidSet& set, const GtidSet& other) {
    GtidSet rest;
    for (const auto& [source, intervals] : set) {
        const auto found = other.find(source);
        const auto taken = found == other.end() ? std::vector<GtidInterval>{} : found->second;
        std::vector<GtidInterval> left;
        for (auto interval : intervals) {
            for (const auto& [first, last] : taken) {
                if (last < interval.first) continue;
                if (first > interval.last) break;
                if (first > interval.first) left.push_back({interval.first, first - 1});
                interval.first = last + 1;
            }
            if (interval.first <= interval.last) left.push_back(interval);
        }
        if (!left.empty()) rest[source] = std::move(left);
    }
    return rest;
}

bool covers(const GtidSet& set, const GtidSet& other) { return subtract(other, set).empty(); }

bool covers(const std::string& position, const std::string& other) {
    const auto mine = parse_gtid_position(position), theirs = parse_gtid_position(other);
    if (mine && theirs) return covers(*mine, *theirs);
    const auto my_set = parse_gtid_set(position), their_set = parse_gtid_set(other);
    return my_set && their_set && covers(*my_set, *their_set);
}

std::optional<GtidSet> errant(const std::string& own, const std::string& source,
                              const std::string& source_uuid) {
    const auto mine = parse_gtid_set(own), theirs = parse_gtid_set(source);
    std::string uuid;
    std::string_view text = source_uuid;
    if (!mine || !theirs || !take_uuid(text, uuid)) return std::nullopt;
    auto rest = subtract(*mine, *theirs);
    std::erase_if(rest, [&](const auto& entry) { return entry.first.starts_with(uuid); });
    return rest;
}

}  // namespace duet::mysql
