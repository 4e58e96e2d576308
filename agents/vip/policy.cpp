// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy.hpp"

#include <algorithm>
#include <set>

namespace duet::vip {

namespace {

using HeldByAddress = std::multimap<Address, const Held*>;

HeldByAddress by_address(const std::vector<Held>& held) {
    HeldByAddress index;
    for (const auto& one : held) index.emplace(one.address, &one);
    return index;
}

bool is_right(const Want& want, const Held& held) {
    return want.prefix == held.prefix && (want.link == 0 || want.link == held.link) &&
           !held.dad_failed;
}

std::string name_of(int link, const std::map<int, std::string>& names) {
    const auto found = names.find(link);
    return found == names.end() ? "interface " + std::to_string(link) : "'" + found->second + "'";
}

std::string describe(const Held& held, const std::map<int, std::string>& names) {
    return text_of(held.address) + "/" + std::to_string(held.prefix) + " on " +
           name_of(held.link, names);
}

}  // namespace

std::optional<std::string> why_dead(const Link& link) {
    if (!link.up) return "is switched off";
    // RFC 2863; 0 is what drivers without an idea say, 6 is up.
    switch (link.state) {
        case 1: return "is not present";
        case 3: return "has a lower layer that is down";
        case 4: return "is in a test";
        case 5: return "waits for something outside (dormant)";
        default: break;
    }
    if (!link.carrier) return "has no carrier";
    if (link.state == 2) return "is down";
    return std::nullopt;
}

int choose_link(const Address& address, const std::vector<Address>& own,
                const std::vector<Held>& held, int routed) {
    const Held* best = nullptr;
    int already = 0;
    for (const auto& one : held) {
        if (one.address == address) already = one.link;
        if (std::find(own.begin(), own.end(), one.address) != own.end()) continue;
        if (one.prefix == 0 || !share_prefix(one.address, address, one.prefix)) continue;
        const bool narrower = !best || one.prefix > best->prefix;
        const bool routed_tie = best && one.prefix == best->prefix && one.link == routed;
        if (narrower || routed_tie) best = &one;
    }
    if (best) return best->link;
    return already && routed == 0 ? already : routed;
}

Plan toward_held(const std::vector<Want>& wants, const std::vector<Held>& held) {
    const auto index = by_address(held);
    Plan plan;
    for (const auto& want : wants) {
        bool right = false;
        const auto [begin, end] = index.equal_range(want.address);
        for (auto at = begin; at != end; ++at) {
            if (is_right(want, *at->second)) {
                right = true;
            } else {
                plan.remove.push_back(*at->second);
            }
        }
        if (!right) plan.add.push_back(want);
    }
    return plan;
}

std::vector<Held> found_of(const std::vector<Address>& addresses, const std::vector<Held>& held) {
    const std::set<Address> wanted(addresses.begin(), addresses.end());
    std::vector<Held> found;
    for (const auto& one : held)
        if (wanted.contains(one.address)) found.push_back(one);
    return found;
}

bool takes_others_along(const Held& gone, const std::vector<Held>& leaving,
                        const std::vector<Held>& held) {
    if (gone.address.v6 || gone.secondary) return false;
    return std::any_of(held.begin(), held.end(), [&](const Held& other) {
        return other.secondary && other.link == gone.link && other.prefix == gone.prefix &&
               share_prefix(other.address, gone.address, gone.prefix) &&
               std::find(leaving.begin(), leaving.end(), other) == leaving.end();
    });
}

Presence look_for(const std::vector<Want>& wants, const std::vector<Held>& held,
                  const std::map<int, std::string>& names) {
    const auto index = by_address(held);
    Presence presence;
    for (const auto& want : wants) {
        const auto [begin, end] = index.equal_range(want.address);
        if (begin == end) {
            presence.findings.push_back(text_of(want.address) + " is gone");
            continue;
        }
        ++presence.somewhere;
        bool right = false;
        for (auto at = begin; at != end; ++at) {
            if (is_right(want, *at->second)) {
                right = true;
            } else if (at->second->dad_failed) {
                presence.findings.push_back("the kernel gave up " + describe(*at->second, names) +
                                            ": another host has it");
            } else {
                const auto place = want.link ? " on " + name_of(want.link, names) : std::string();
                presence.findings.push_back("found " + describe(*at->second, names) +
                                            ", expected /" + std::to_string(want.prefix) + place);
            }
        }
        if (right) ++presence.right;
    }
    return presence;
}

}  // namespace duet::vip
