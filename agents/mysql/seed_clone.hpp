// SPDX-License-Identifier: GPL-2.0-or-later
// Seeding of MySQL: the standby's own server fetches the active's data by CLONE, while it goes on with
// its own.
#pragma once

#include "instance.hpp"

namespace duet::mysql {

// Leaves them in new_data(), with those of this server's files that no clone has.
// `tls`: the active offers it, so nothing else will do. Throws Failure with a sentence.
void fetch_by_clone(const Instance& instance, bool tls);

// A mount that a process which was killed has left; nothing to do where there is none.
void close_clone_window(const Config& config);
// Ends what a process that was killed has left behind. Throws SqlError, Failure.
void abandon_clone(const Instance& instance);

}  // namespace duet::mysql
