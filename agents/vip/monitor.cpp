// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "actions.hpp"
#include "announcer.hpp"
#include "log.hpp"
#include "neighbours.hpp"
#include "places.hpp"
#include "state.hpp"
#include "text.hpp"

namespace duet::vip {

namespace {

constexpr int gateway_level = 10;
constexpr Milliseconds gateway_patience{1500};

std::vector<std::string> findings(const Presence& presence, const Places& places) {
    auto sentences = presence.findings;
    for (const auto& [entry, what] : places.missing) sentences.push_back(cat(entry, ": ", what));
    return sentences;
}

void look_at_links(const Places& places, const std::vector<Held>& ours, Network& network) {
    auto all = places;
    // Where nothing is recorded, the link is the one that has the address.
    for (const auto& held : ours)
        if (!all.links.contains(held.link))
            if (const auto link = network.link(held.link)) all.links.emplace(held.link, *link);
    const auto dead = all.dead_links();
    if (!dead.empty()) throw Failure(Exit::generic, join(dead, "; "));
}

void look_after_announcer(const Call& call) {
    if (find_announcer(call)) return;
    log::warning("the announcer was gone; a new one is started");
    start_announcer(call);
}

void ask_gateways(const Config& config, const std::vector<Held>& ours, Network& network,
                  const Call& call) {
    const auto silent = unanswered(network, addresses_in(config.gateways), ours,
                                   call.deadline.at_most(gateway_patience));
    if (silent.empty()) return;
    show_state(call, silent.front());
    throw Failure(Exit::generic, join(silent, "; "));
}

}  // namespace

Exit monitor(const Config& config, const Call& call) {
    Network network;
    const auto places = expected_places(config, call, network);
    const auto ours = found_of(addresses_in(config.addresses), network.addresses());
    const auto presence = look_for(places.wants, ours, places.names());
    if (ours.empty()) {
        if (call.probe) return Exit::not_running;
        throw Failure(Exit::not_running, "none of the addresses is on this server any more");
    }
    const auto wrong = findings(presence, places);
    if (!wrong.empty()) throw Failure(Exit::generic, join(wrong, "; "));
    if (config.check_link) look_at_links(places, ours, network);
    // A probe looks and touches nothing.
    if (call.probe) return Exit::success;
    look_after_announcer(call);
    if (call.check_level >= gateway_level) ask_gateways(config, ours, network, call);
    const auto rivals = rivals_seen(call);
    show_state(call, rivals.empty() ? "" : cat("contested: ", join(rivals, " ")));
    return Exit::success;
}

Exit reload(const Config& config, const Call& call) {
    Network network;
    if (found_of(addresses_in(config.addresses), network.addresses()).empty())
        throw Failure(Exit::not_running, "none of the addresses is on this server");
    end_announcer(call);
    start_announcer(call);
    log::info("the announcer has the new parameters");
    return Exit::success;
}

}  // namespace duet::vip
