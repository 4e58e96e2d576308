// SPDX-License-Identifier: GPL-2.0-or-later
#include "text.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "failure.hpp"

namespace duet {

namespace {

// About 68 years; sums of such spans cannot overflow.
constexpr std::int64_t longest_milliseconds = std::int64_t{1} << 41;
constexpr std::string_view blanks = " \t\r\n";

struct Unit {
    std::string_view name;
    std::int64_t milliseconds;
};
constexpr std::array<Unit, 9> units{{{"", 1000},
                                     {"s", 1000},
                                     {"sec", 1000},
                                     {"ms", 1},
                                     {"msec", 1},
                                     {"m", 60'000},
                                     {"min", 60'000},
                                     {"h", 3'600'000},
                                     {"hr", 3'600'000}}};

}  // namespace

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    for (auto at = text.find_first_not_of(blanks); at != std::string_view::npos;) {
        const auto end = std::min(text.find_first_of(blanks, at), text.size());
        words.emplace_back(text.substr(at, end - at));
        at = text.find_first_not_of(blanks, end);
    }
    return words;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> fields;
    for (;;) {
        const auto end = text.find(separator);
        fields.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return fields;
        text.remove_prefix(end + 1);
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (const auto& part : parts) {
        if (&part != &parts.front()) out += separator;
        out += part;
    }
    return out;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return std::nullopt;
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<bool> parse_boolean(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    for (auto word : {"1", "yes", "true", "on"})
        if (lower == word) return true;
    for (auto word : {"0", "no", "false", "off"})
        if (lower == word) return false;
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_integer(text.substr(0, digits));
    if (!number) return std::nullopt;
    for (const auto& unit : units) {
        if (text.substr(digits) != unit.name) continue;
        if (*number > longest_milliseconds / unit.milliseconds) return std::nullopt;
        return std::chrono::milliseconds(*number * unit.milliseconds);
    }
    return std::nullopt;
}

std::string format_duration(std::chrono::milliseconds span) {
    const auto count = span.count();
    if (count == 0 || count % 1000 != 0) return cat(count, "ms");
    if (count % 60'000 != 0) return cat(count / 1000, "s");
    return cat(count / 60'000, "m");
}

std::string random_word() {
    std::uint64_t number = 0;
    if (::getrandom(&number, sizeof number, 0) != sizeof number) throw_errno("get a random number");
    char word[17];
    std::snprintf(word, sizeof word, "%016llx", static_cast<unsigned long long>(number));
    return word;
}

}  // namespace duet
