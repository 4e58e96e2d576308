// SPDX-License-Identifier: GPL-2.0-or-later
#include "history.hpp"

#include <algorithm>

namespace duet::lab {

namespace {

using Interval = std::pair<WallTime, WallTime>;

// From the end of the first look that found it open to the beginning of the last one in a row: it
// was open at both ends of that, and no look between says otherwise.
std::vector<Interval> open_intervals(const std::vector<Look>& looks) {
    std::vector<Interval> intervals;
    bool open = false;
    for (const auto& look : looks) {
        if (look.open && !open) intervals.push_back({look.ended, look.ended});
        if (look.open && open) intervals.back().second = std::max(look.begun, intervals.back().first);
        open = look.open;
    }
    return intervals;
}

double overlap(const std::vector<Interval>& some, const std::vector<Interval>& others) {
    double total = 0;
    for (const auto& a : some)
        for (const auto& b : others)
            total += std::max(0.0, seconds_between(std::max(a.first, b.first),
                                                   std::min(a.second, b.second)));
    return total;
}

}  // namespace

double seconds_between(WallTime from, WallTime to) {
    return std::chrono::duration<double>(to - from).count();
}

Gap longest_gap(const std::vector<WallTime>& moments, WallTime since, WallTime until,
                WallTime end) {
    Gap longest{since, since};
    WallTime before = since;
    const auto consider = [&](WallTime moment) {
        if (before < until && moment - before > longest.to - longest.from) longest = {before, moment};
        before = moment;
    };
    for (const auto moment : moments) {
        if (moment <= since) before = moment;
        else consider(moment);
    }
    if (moments.empty() || moments.back() <= since) consider(end);
    return longest;
}

Gap History::write_gap(WallTime since, WallTime until) const {
    std::vector<WallTime> moments;
    for (const auto& write : writes)
        if (write.outcome == Outcome::done) moments.push_back(write.ended);
    std::sort(moments.begin(), moments.end());
    return longest_gap(moments, since, until, ended);
}

Gap History::page_gap(WallTime since) const {
    std::vector<WallTime> moments;
    for (const auto& page : pages)
        if (page.status == 200) moments.push_back(page.ended);
    std::sort(moments.begin(), moments.end());
    return longest_gap(moments, since, WallTime::max(), ended);
}

long History::acknowledged() const {
    return std::count_if(writes.begin(), writes.end(),
                         [](const Write& write) { return write.outcome == Outcome::done; });
}

double History::both_open_seconds() const {
    double total = 0;
    for (auto one = looks.begin(); one != looks.end(); ++one)
        for (auto two = std::next(one); two != looks.end(); ++two)
            total += overlap(open_intervals(one->second), open_intervals(two->second));
    return total;
}

std::vector<Row> History::lost(const std::set<Row>& present) const {
    std::vector<Row> rows;
    for (const auto& write : writes)
        if (write.outcome == Outcome::done && !present.count(write.row)) rows.push_back(write.row);
    return rows;
}

std::vector<Row> History::invented(const std::set<Row>& present) const {
    std::set<Row> attempted;
    for (const auto& write : writes) attempted.insert(write.row);
    std::vector<Row> rows;
    std::set_difference(present.begin(), present.end(), attempted.begin(), attempted.end(),
                        std::back_inserter(rows));
    return rows;
}

}  // namespace duet::lab
