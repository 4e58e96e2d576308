// SPDX-License-Identifier: GPL-2.0-or-later
// What a MySQL server has and the active has not: nothing cuts it off, and nothing applies it to the
// active. Named and saved, it is for a person.
#pragma once

#include <optional>
#include <string>

#include "gtid.hpp"
#include "instance.hpp"

namespace duet::mysql {

// Once for each set: an error in the log, and the note "diverged".
void note_errant(Instance& instance, Database& database, const GtidSet& set);
// As save_what_is_own() of kin.hpp.
std::optional<std::string> save_errant(const Instance& instance, Database& database,
                                       const Deadline& end);

}  // namespace duet::mysql
