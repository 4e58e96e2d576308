// SPDX-License-Identifier: GPL-2.0-or-later
// Strings: joining, splitting, and parsers that take a whole word or nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace duet {

template <typename... Parts>
std::string cat(const Parts&... parts) {
    std::ostringstream out;
    (out << ... << parts);
    return std::move(out).str();
}

std::string_view trim(std::string_view text);
// Words between blanks, tabs and newlines; none is empty.
std::vector<std::string> split_words(std::string_view text);
// Fields between `separator`; an empty text has one empty field.
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

// Decimal, optional sign, nothing before or after.
std::optional<std::int64_t> parse_integer(std::string_view text);
// OCF booleans: 1 0 yes no true false on off, any case.
std::optional<bool> parse_boolean(std::string_view text);
// "30", "30s", "250ms", "2m" (or "2min"), "1h"; a bare number means seconds. Not negative.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
// The shortest form that parse_duration reads back: "250ms", "30s", "2m".
std::string format_duration(std::chrono::milliseconds span);

// A new random word, 16 hexadecimal digits. Throws std::system_error.
std::string random_word();

}  // namespace duet
