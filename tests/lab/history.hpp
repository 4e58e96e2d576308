// SPDX-License-Identifier: GPL-2.0-or-later
// What clients saw, and whether it was kept: every write with its answer, every page, and for each
// server when it was open for writes.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "site_client.hpp"

namespace duet::lab {

// Of the machine, as the logs of both nodes have it.
using WallTime = std::chrono::system_clock::time_point;
double seconds_between(WallTime from, WallTime to);

using Row = std::pair<int, long>;  // writer, number

struct Write {
    Row row;
    WallTime begun, ended;
    Outcome outcome;
};

struct Visit {
    WallTime begun, ended;
    int status;  // 0: no answer
    std::string server;
};

// A look at one server from its own machine.
struct Look {
    WallTime begun, ended;
    bool open;  // for writes
};

struct Gap {
    WallTime from, to;
    double seconds() const { return seconds_between(from, to); }
};
// The longest time without any of `moments` (in order) that ends after `since`; the end of the
// record counts as one more moment when nothing came after `since`.
Gap longest_gap(const std::vector<WallTime>& moments, WallTime since, WallTime until, WallTime end);

struct History {
    std::vector<Write> writes;
    std::vector<Visit> pages;
    std::map<std::string, std::vector<Look>> looks;  // by node
    WallTime ended;

    // The longest time without an acknowledged write, or without a good page, that ends after
    // `since` and, where given, begins before `until`.
    Gap write_gap(WallTime since, WallTime until = WallTime::max()) const;
    Gap page_gap(WallTime since) const;
    long acknowledged() const;
    // How long two servers were certainly open at the same time.
    double both_open_seconds() const;
    // Acknowledged and not in `present`.
    std::vector<Row> lost(const std::set<Row>& present) const;
    // In `present` and never attempted.
    std::vector<Row> invented(const std::set<Row>& present) const;
};

}  // namespace duet::lab
