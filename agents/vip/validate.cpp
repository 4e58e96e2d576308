// SPDX-License-Identifier: GPL-2.0-or-later
#include "actions.hpp"
#include "places.hpp"
#include "text.hpp"

namespace duet::vip {

Exit validate(const Config& config, const Call& call) {
    constexpr int environment_level = 10;
    if (call.check_level < environment_level) return Exit::success;
    Network network;
    const auto places = choose_places(config, call, network, network.addresses());
    auto found = config.check_link ? places.dead_links() : std::vector<std::string>();
    for (const auto& [entry, what] : places.missing) found.push_back(cat(entry, ": ", what));
    if (!found.empty()) throw Failure(Exit::args, join(found, "; "));
    return Exit::success;
}

}  // namespace duet::vip
