// SPDX-License-Identifier: GPL-2.0-or-later
// What a server of MySQL has and the other one has not, kept for a person.
#pragma once

#include <optional>
#include <string>

#include "instance.hpp"

namespace duet::mysql {

// Copies the binary logs that it stands in to LASTING/diverged-DATE.raw, unless that was done before;
// returns what it is and where. Throws Failure(generic) where that cannot be told or saved.
std::optional<std::string> save_errant(const Instance& instance, const Deadline& end);

}  // namespace duet::mysql
