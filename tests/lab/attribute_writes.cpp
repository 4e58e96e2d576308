// SPDX-License-Identifier: GPL-2.0-or-later
#include "attribute_writes.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "text.hpp"
#include "timeline.hpp"

namespace duet::lab {

namespace {

std::string log_of(const Pair& pair, const std::string& node) {
    return pair.world().place().disk(node) + "/var/log/pacemaker/pacemaker.log";
}

bool is_pacemakers(const std::string& name) {
    constexpr std::array<const char*, 5> own{"#", "shutdown", "terminate", "fail-count-",
                                             "last-failure-"};
    return std::any_of(own.begin(), own.end(),
                       [&name](const char* begin) { return name.starts_with(begin); });
}

}  // namespace

std::string to_text(const AttributeWrite& write) {
    return cat(write.name, " of ", write.node, ": ", write.change);
}

// "... pacemaker-attrd [80] (update_attr_on_host) notice: Setting db-state[b]: granted -> promoting
// | from b with no write delay" (Pacemaker 2.1.5)
std::optional<AttributeWrite> parse_attribute_write(const std::string& line) {
    constexpr std::string_view key = "Setting ";
    const auto moment = time_of(line);
    const auto begin = line.find(key);
    if (!moment || begin == std::string::npos || line.find("pacemaker-attrd") > begin)
        return std::nullopt;
    const auto name = begin + key.size();
    const auto bracket = line.find('[', name);
    const auto colon = line.find("]: ", name);
    if (bracket == std::string::npos || colon == std::string::npos || colon < bracket)
        return std::nullopt;
    AttributeWrite write;
    write.when = *moment;
    write.name = line.substr(name, bracket - name);
    write.node = line.substr(bracket + 1, colon - bracket - 1);
    const auto end = line.find(" | ", colon);
    write.change = line.substr(colon + 3, end == std::string::npos ? end : end - colon - 3);
    return write;
}

std::vector<AttributeWrite> agents_writes(const Pair& pair, const std::string& survivor,
                                          WallTime since, WallTime until) {
    std::vector<AttributeWrite> found;
    std::ifstream log(log_of(pair, survivor));
    for (std::string line; std::getline(log, line);)
        if (const auto write = parse_attribute_write(line))
            if (write->when >= since && write->when < until && !is_pacemakers(write->name))
                found.push_back(*write);
    return found;
}

std::optional<WallTime> promotion_asked(const Pair& pair, WallTime since) {
    std::optional<WallTime> first;
    for (const auto* node : node_names)
        if (const auto when = find_in_log(log_of(pair, node), since,
                                          "Initiating promote operation db_promote_0"))
            if (!first || *when < *first) first = when;
    return first;
}

}  // namespace duet::lab
