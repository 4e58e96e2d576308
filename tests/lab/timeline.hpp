// SPDX-License-Identifier: GPL-2.0-or-later
// When what happened in a failover, from the logs of the node that took over and of the lab.
#pragma once

#include <optional>
#include <string>

#include "history.hpp"
#include "pair.hpp"

namespace duet::lab {

// The moment at the beginning of a line of corosync.log or pacemaker.log ("Nov 25 01:10:50.127");
// nothing for another line.
std::optional<WallTime> time_of(const std::string& line);
// The first line after `since` that contains all of the words, blank-separated.
std::optional<WallTime> find_in_log(const std::string& path, WallTime since,
                                    const std::string& words);
// How many lines after `since` contain all of the words.
int count_in_log(const std::string& path, WallTime since, const std::string& words);

struct Timeline {
    std::optional<WallTime> detected;         // corosync formed a membership without the other
    std::optional<WallTime> fencing_asked;    // the controller was asked, after any delay
    std::optional<WallTime> fenced;           // and had done it
    std::optional<WallTime> promoted;
    std::optional<WallTime> addresses_up;
    std::optional<WallTime> first_page, first_write;  // after the gap
};
Timeline read_timeline(const Pair& pair, const std::string& survivor, WallTime since,
                       const History& history);

}  // namespace duet::lab
