// SPDX-License-Identifier: GPL-2.0-or-later
#include "option_file.hpp"

#include <algorithm>

#include "text.hpp"

namespace duet {

namespace {

std::string unquoted(std::string_view value) {
    const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                        value.back() == value.front();
    return std::string(quoted ? value.substr(1, value.size() - 2) : value);
}

}  // namespace

OptionFile parse_option_file(const std::string& text) {
    OptionFile file;
    std::string group;
    for (const auto& whole : split(text, '\n')) {
        const auto line = trim(whole);
        if (line.empty() || line.front() == '#' || line.front() == ';' || line.front() == '!')
            continue;
        if (line.front() == '[') {
            group = trim(line.substr(1, line.find(']') - 1));
            file[group];
            continue;
        }
        const auto equals = std::min(line.find('='), line.size());
        std::string name(trim(line.substr(0, equals)));
        std::replace(name.begin(), name.end(), '-', '_');
        file[group][name] =
            equals == line.size() ? "" : unquoted(trim(line.substr(equals + 1)));
    }
    return file;
}

}  // namespace duet
