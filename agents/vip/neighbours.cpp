// SPDX-License-Identifier: GPL-2.0-or-later
#include "neighbours.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "text.hpp"

namespace duet::vip {

namespace {

constexpr Milliseconds ask_again{300};
// A probe or its answer can be lost, and a host that has just set an IPv6 address hears probes for
// it only once it has joined the address's group.
constexpr Milliseconds probe_again{60};

struct Question {
    Held from;
    Address gateway;
    Mac mac{};
};

std::vector<Question> questions(Network& network, const std::vector<Address>& named,
                                const std::vector<Held>& held, Wire& wire) {
    std::vector<Question> all;
    std::map<std::pair<int, bool>, std::vector<Address>> gateways;
    std::map<int, std::optional<Link>> links;
    for (const auto& one : held) {
        if (!links.contains(one.link)) links[one.link] = network.link(one.link);
        const auto& link = links[one.link];
        if (!link || !link->ethernet || link->loopback) continue;
        const std::pair key{one.link, one.address.v6};
        if (!gateways.contains(key))
            gateways[key] = gateways_on(network, named, one.link, one.address.v6, held);
        if (gateways[key].empty()) continue;
        wire.open(*link, one.address.v6);
        for (const auto& gateway : gateways[key]) all.push_back({one, gateway, link->mac});
    }
    return all;
}

}  // namespace

std::vector<Address> gateways_on(Network& network, const std::vector<Address>& named, int link,
                                 bool v6, const std::vector<Held>& held) {
    std::vector<Address> chosen;
    for (const auto& gateway : named) {
        if (gateway.v6 != v6) continue;
        const auto near = std::find_if(held.begin(), held.end(), [&](const Held& one) {
            return share_prefix(one.address, gateway, one.prefix);
        });
        if ((near != held.end() ? near->link : network.route_to(gateway)) == link)
            chosen.push_back(gateway);
    }
    return chosen.empty() ? network.gateways(link, v6) : chosen;
}

std::vector<std::string> unanswered(Network& network, const std::vector<Address>& named,
                                    const std::vector<Held>& held, const Deadline& patience) {
    Wire wire;
    const auto all = questions(network, named, held, wire);
    std::map<Address, std::set<Address>> asked;
    std::set<Address> silent;
    for (const auto& question : all) {
        asked[question.from.address].insert(question.gateway);
        silent.insert(question.from.address);
    }
    while (!silent.empty() && !patience.expired()) {
        for (const auto& [from, gateway, mac] : all)
            if (silent.contains(from.address))
                wire.send(from.link, question(gateway, from.address, mac, std::nullopt));
        const auto turn = patience.at_most(ask_again);
        while (!silent.empty() && !turn.expired())
            for (const auto& [link, claim] : wire.receive(turn))
                if (asked.contains(claim.told) && asked[claim.told].contains(claim.address))
                    silent.erase(claim.told);
    }
    std::vector<std::string> sentences;
    for (const auto& address : silent) {
        std::vector<std::string> gateways;
        for (const auto& gateway : asked[address]) gateways.push_back(text_of(gateway));
        sentences.push_back(
            cat("no gateway (", join(gateways, ", "), ") answers ", text_of(address)));
    }
    return sentences;
}

std::vector<Claim> other_owners(Network& network, const std::vector<Want>& wants,
                                const Deadline& patience) {
    Wire wire;
    std::map<Address, Link> silent;
    for (const auto& want : wants) {
        const auto link = network.link(want.link);
        if (!link || !link->ethernet || link->loopback) continue;
        wire.open(*link, want.address.v6);
        silent.emplace(want.address, *link);
    }
    std::vector<Claim> owners;
    while (!silent.empty() && !patience.expired()) {
        for (const auto& [address, link] : silent) wire.send(link.index, probe(address, link.mac));
        const auto turn = patience.at_most(probe_again);
        while (!silent.empty() && !turn.expired())
            for (const auto& [link, claim] : wire.receive(turn))
                if (!network.has(claim.mac) && silent.erase(claim.address) > 0)
                    owners.push_back(claim);
    }
    return owners;
}

}  // namespace duet::vip
