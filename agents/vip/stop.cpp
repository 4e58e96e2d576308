// SPDX-License-Identifier: GPL-2.0-or-later
#include "actions.hpp"
#include "announcer.hpp"
#include "connections.hpp"
#include "entry.hpp"
#include "log.hpp"
#include "network.hpp"
#include "record.hpp"
#include "secondaries.hpp"
#include "state.hpp"
#include "text.hpp"

namespace duet::vip {

namespace {

// By the parameter as it is now, and by what was taken while it said something else.
std::vector<Address> all_addresses(const Config& config, const Call& call) {
    auto addresses = addresses_in(config.addresses);
    for (const auto& want : recorded(call)) addresses.push_back(want.address);
    return addresses;
}

}  // namespace

Exit stop(const Config& config, const Call& call) {
    end_announcer(call);
    Network network;
    const auto addresses = all_addresses(config, call);
    const auto held = network.addresses();
    const auto leaving = found_of(addresses, held);
    if (!leaving.empty()) {
        // While the address is still there the other end is told so; what comes in meanwhile is
        // caught by the second pass.
        int closed = config.close_connections ? close_connections(addresses) : 0;
        remove_alone(network, leaving, held, call);
        if (config.close_connections) closed += close_connections(addresses);
        log::info("gave up ", leaving.size(), " addresses, closed ", closed, " connections");
    }
    const auto left = found_of(addresses, network.addresses());
    if (!left.empty())
        throw Failure(Exit::generic, cat(text_of(left[0].address), '/', left[0].prefix,
                                         " is still on interface ", left[0].link,
                                         " after it was removed"));
    forget(call);
    show_state(call, "");
    return Exit::success;
}

}  // namespace duet::vip
