// SPDX-License-Identifier: GPL-2.0-or-later
#include "timeline.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>

#include "text.hpp"

namespace duet::lab {

namespace {

// "1795569054.601455 fenced a"
std::optional<WallTime> find_in_journal(const std::string& path, WallTime since,
                                        const std::string& event) {
    std::ifstream journal(path);
    for (std::string line; std::getline(journal, line);) {
        const auto blank = line.find(' ');
        if (blank == std::string::npos || line.substr(blank + 1) != event) continue;
        const auto moment = WallTime(std::chrono::duration_cast<WallTime::duration>(
            std::chrono::duration<double>(std::stod(line.substr(0, blank)))));
        if (moment >= since) return moment;
    }
    return {};
}

bool has_all(const std::string& line, const std::vector<std::string>& words) {
    return std::all_of(words.begin(), words.end(), [&line](const std::string& word) {
        return line.find(word) != std::string::npos;
    });
}

template <typename Found>
void search(const std::string& path, WallTime since, const std::string& words, Found found) {
    std::ifstream log(path);
    const auto wanted = split_words(words);
    for (std::string line; std::getline(log, line);) {
        if (!has_all(line, wanted)) continue;
        const auto moment = time_of(line);
        // The logs cut off below the millisecond.
        if (moment && *moment + std::chrono::milliseconds(1) > since && !found(*moment)) return;
    }
}

}  // namespace

std::optional<WallTime> time_of(const std::string& line) {
    const auto today = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm parts{};
    localtime_r(&today, &parts);
    const char* rest = strptime(line.c_str(), "%b %d %H:%M:%S", &parts);
    if (!rest || *rest != '.') return {};
    const auto millis = parse_integer(std::string_view(rest + 1).substr(0, 3));
    if (!millis) return {};
    parts.tm_isdst = -1;
    return std::chrono::system_clock::from_time_t(mktime(&parts)) +
           std::chrono::milliseconds(*millis);
}

std::optional<WallTime> find_in_log(const std::string& path, WallTime since,
                                    const std::string& words) {
    std::optional<WallTime> first;
    search(path, since, words, [&first](WallTime moment) {
        first = moment;
        return false;
    });
    return first;
}

int count_in_log(const std::string& path, WallTime since, const std::string& words) {
    int count = 0;
    search(path, since, words, [&count](WallTime) { return ++count > 0; });
    return count;
}

Timeline read_timeline(const Pair& pair, const std::string& survivor, WallTime since,
                       const History& history) {
    const auto& place = pair.world().place();
    const auto logs = place.disk(survivor) + "/var/log/";
    const auto pacemaker = logs + "pacemaker/pacemaker.log";
    Timeline line;
    line.detected = find_in_log(logs + "corosync/corosync.log", since, "membership formed. left:");
    line.fencing_asked = find_in_journal(place.journal(), since, "asked to reboot " + other(survivor));
    line.fenced = find_in_journal(place.journal(), since, "fenced " + other(survivor));
    line.promoted = find_in_log(pacemaker, since, "duet-mysql promoted with epoch");
    line.addresses_up = find_in_log(pacemaker, since, cat("duet-vip took ", external_vip));
    line.first_page = history.page_gap(since).to;
    line.first_write = history.write_gap(since).to;
    return line;
}

}  // namespace duet::lab
