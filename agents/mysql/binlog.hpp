// SPDX-License-Identifier: GPL-2.0-or-later
// A binary log as a file, read without the server. Only the frame of its events and what the agent
// needs of three of them. (MariaDB documentation, "Replication Protocol": event headers, GTID_EVENT,
// BINLOG_CHECKPOINT_EVENT.)
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "clock.hpp"
#include "divergence.hpp"

namespace duet::mysql {

struct BinlogEvent {
    std::uint64_t begin = 0, end = 0;  // bytes of the file
    std::optional<DomainGtid> gtid;    // a transaction begins
    std::string checkpoint;            // the oldest file that recovery may need from here on
};

// Every event that lies wholly in the file behind its magic word, in order, until `use` answers
// false. False when the file cannot be read or ends with something else than events: torn, encrypted,
// or still being written. Throws Failure(generic) when `end` comes first.
bool for_each_event(const std::string& path, const Deadline& end,
                    const std::function<bool(const BinlogEvent&)>& use);

// True when a server has closed it in good order: then no recovery reads it.
bool was_closed(const std::string& path);

// The files that the index names, oldest first; relative names lie in `folder`.
std::vector<std::string> read_index(const std::string& path, const std::string& folder);

// The newest of `files` that a recovery reads and may cut: from the checkpoint in the last one on.
// The last two where that cannot be read.
std::vector<std::string> files_for_recovery(const std::vector<std::string>& files,
                                            const Deadline& end);

}  // namespace duet::mysql
