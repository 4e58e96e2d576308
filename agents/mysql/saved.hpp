// SPDX-License-Identifier: GPL-2.0-or-later
// Transactions that this server is about to lose, or has lost, kept for a person: as SQL in a dated
// file of the folder that the package owns, mode 0600.
#pragma once

#include <string>
#include <vector>

#include "call.hpp"
#include "divergence.hpp"

namespace duet::mysql {

// The folder of this instance for what outlives a boot; made when absent, 0700.
std::string lasting_folder(const Call& call);

// Bytes of a binary log; `end` 0 is the file's.
struct Range {
    std::string file;
    std::uint64_t begin = 0, end = 0;
};
// Ranges, oldest first, and the transactions in them.
struct Piece {
    std::vector<Range> ranges;
    std::vector<DomainGtid> gtids;
};
// All of `files` from byte `begin` of the first one on.
Piece piece_of(const std::vector<std::string>& files, std::uint64_t begin, const Deadline& end);

// Writes LASTING/KIND-DATE.sql and returns its path. `what`: one sentence on what it is.
// Throws Failure(generic) or std::system_error; nothing is left behind then.
std::string save_as_sql(const Call& call, const std::string& kind, const std::string& what,
                        const Piece& piece, const Deadline& end);

// Into a new file, 0600. Throws std::system_error, Failure(generic) when the time is over.
void copy_file(const std::string& from, const std::string& to, const Deadline& end);

// What a program whose output is in this file complains of: its first error, else its last line.
std::string complaint_in(const std::string& path);

// "2026-11-25T041833Z"
std::string date_word();
// Removes all but the newest of the files and folders in the lasting folder whose names begin with
// `kind` and end with `ending`.
void keep_newest(const Call& call, const std::string& kind, const std::string& ending,
                 std::size_t most);

}  // namespace duet::mysql
