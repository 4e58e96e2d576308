// SPDX-License-Identifier: GPL-2.0-or-later
// Transactions that this server is about to lose, or has lost, kept for a person: as SQL in a dated
// file of the folder that the package owns, mode 0600.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "call.hpp"
#include "divergence.hpp"
#include "gtid.hpp"

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
// The same of MySQL: those of the set that are in these files, oldest first. By the mysqlbinlog that
// belongs to the server program `server`.
std::string save_as_sql(const Call& call, const std::string& kind, const std::string& what,
                        const GtidSet& set, const std::vector<std::string>& files,
                        const std::string& server, const Deadline& end);

// In a note: "TRANSACTIONS, saved in FILE"; whether that file is still there.
inline constexpr std::string_view saved_in = ", saved in ";
bool is_there(const std::string& note);
// The sentence on what a diverged server alone has.
std::string only_has(const std::string& node, const std::string& peer);

// What a program whose output is in this file complains of: its first error, else its last line.
std::string complaint_in(const std::string& path);

// "2026-11-25T041833Z"
std::string date_word();
// Removes all but the newest of the files and folders in the lasting folder whose names begin with
// `kind` and end with `ending`.
void keep_newest(const Call& call, const std::string& kind, const std::string& ending,
                 std::size_t most);

}  // namespace duet::mysql
