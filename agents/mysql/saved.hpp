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

// Pieces of binary logs, oldest first: the first from `begin` on, the others whole.
struct Piece {
    std::vector<std::string> files;
    std::uint64_t begin = 0;
    std::vector<DomainGtid> gtids;
};
// Those of `files` from byte `begin` of the first one on, with the transactions in them.
Piece piece_of(std::vector<std::string> files, std::uint64_t begin, const Deadline& end);

// Writes LASTING/KIND-DATE.sql and returns its path. `what`: one sentence on what it is.
// Throws Failure(generic) or std::system_error; nothing is left behind then.
std::string save_as_sql(const Call& call, const std::string& kind, const std::string& what,
                        const Piece& piece, const Deadline& end);

// What a program whose output is in this file complains of: its first error, else its last line.
std::string complaint_in(const std::string& path);

// "2026-11-25T041833Z"
std::string date_word();
// Removes all but the newest of the files and folders in the lasting folder whose names begin with
// `kind` and end with `ending`.
void keep_newest(const Call& call, const std::string& kind, const std::string& ending,
                 std::size_t most);

}  // namespace duet::mysql
