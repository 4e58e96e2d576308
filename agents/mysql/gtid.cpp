// SPDX-License-Identifier: GPL-2.0-or-later
#include "gtid.hpp"

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

bool covers(const std::string& position, const std::string& other) {
    const auto mine = parse_gtid_position(position), theirs = parse_gtid_position(other);
    return mine && theirs && covers(*mine, *theirs);
}

}  // namespace duet::mysql
