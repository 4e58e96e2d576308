// SPDX-License-Identifier: GPL-2.0-or-later
#include "record.hpp"

#include <unistd.h>

#include "failure.hpp"
#include "file.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

// Who wrote it where no cluster runs and so no node has a name.
constexpr const char* outside = "-";

std::string path_in(const std::string& datadir) { return datadir + "/duet.state"; }

Epoch epoch(const std::string& word, const std::string& path) {
    const auto epoch = parse_epoch(word);
    if (!epoch || epoch->number > 1'000'000'000)
        throw Failure(Exit::generic, cat("'", path, "' has the epoch '", word,
                                         "', expected a number: see duet(7), \"epoch file\""));
    return *epoch;
}

}  // namespace

Record read_record(const std::string& datadir, const std::string& node) {
    Record record;
    record.node = node.empty() ? outside : node;
    const auto path = path_in(datadir);
    const auto content = read_file(path);
    if (!content) {
        if (::access(path.c_str(), F_OK) == 0)
            throw Failure(Exit::generic, cat("'", path, "' cannot be read"));
        return record;
    }
    bool ours = true;
    for (const auto& line : split(*content, '\n')) {
        const auto words = split_words(line);
        if (words.empty()) continue;
        if (words[0] == "node" && words.size() == 2) {
            // Outside a cluster nobody has a name, so the file says whose data these are.
            if (node.empty()) record.node = words[1];
            ours = words[1] == record.node;
        } else if (words[0] == "own" && words.size() == 2) {
            record.own = epoch(words[1], path);
        } else if (words[0] == "seen" && words.size() == 3) {
            record.peer_seen[words[1]] = epoch(words[2], path);
        } else if (words[0] == "takeover" && words.size() == 2) {
            record.takeovers.push_back(long(parse_integer(words[1]).value_or(0)));
        } else {
            throw Failure(Exit::generic, cat("'", path, "' has the line '", line,
                                             "': see duet(7), \"epoch file\""));
        }
    }
    if (!ours) record.own = 0;
    return record;
}

bool has_had_peer(const Record& record) { return record.node != outside && record.own.number > 0; }

void write_record(const std::string& datadir, const Record& record) {
    std::string content = cat("node ", record.node, "\nown ", to_text(record.own), '\n');
    for (const auto& [node, seen] : record.peer_seen) content += cat("seen ", node, ' ', to_text(seen), '\n');
    for (const auto seconds : record.takeovers) content += cat("takeover ", seconds, '\n');
    replace_file(path_in(datadir), content, duet::Durability::synced);
}

}  // namespace duet::mysql
