// SPDX-License-Identifier: GPL-2.0-or-later
// Two data directories change places. Both lie in DATADIR, the one out of use in its folder .duet,
// so that they are on one file system and each move is a rename; a power cut between any two of
// them is put in order by settle_swap().
#pragma once

#include <functional>
#include <string>

namespace duet::mysql {

constexpr const char* seed_folder = ".duet";  // in DATADIR; no database for the server
std::string new_data(const std::string& datadir);  // DATADIR/.duet/new
std::string old_data(const std::string& datadir);  // DATADIR/.duet/old

// No server may run on it. The old data go to old_data(), then `commit` is called, which must be
// lasting when it returns, then the new ones take their place. DATADIR/duet.state stays.
// Throws std::system_error or what `commit` throws; then settle_swap() is due.
void swap_in(const std::string& datadir, const std::function<void()>& commit);
// The old data come back, the new ones are thrown away. No server may run on them.
void swap_back(const std::string& datadir);
// Completes what was begun: before the commit back to the old data, behind it on to the new ones.
// True when there was something to do. No server may run on it.
bool settle_swap(const std::string& datadir);

// One file or folder. Throws Failure(generic), std::system_error.
void give_to(const std::string& user, const std::string& path);

// Makes an empty new_data(), 0700. What an earlier attempt left there is removed.
void make_room(const std::string& datadir);
void discard_new(const std::string& datadir);
void discard_old(const std::string& datadir);

}  // namespace duet::mysql
