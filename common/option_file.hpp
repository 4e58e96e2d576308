// SPDX-License-Identifier: GPL-2.0-or-later
// MySQL option files, as far as agents need them: "[group]", "name=value", comments.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace duet {

// group -> name -> value. Dashes in names read as underscores, as the servers do it; quotes around a
// value are taken off. No !include.
using OptionFile = std::map<std::string, std::map<std::string, std::string>>;
OptionFile parse_option_file(const std::string& text);

}  // namespace duet
