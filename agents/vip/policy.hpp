// SPDX-License-Identifier: GPL-2.0-or-later
// What the vip agent decides. Values in, a value out: no clock, no kernel, no network.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "address.hpp"

namespace duet::vip {

using Milliseconds = std::chrono::milliseconds;

// A network interface, as the kernel shows it. VLANs, bridges and bonds are links like any other.
struct Link {
    int index = 0;
    std::string name;
    bool up = false;        // administratively
    bool carrier = false;   // the lower layer works (IFF_LOWER_UP)
    int state = 0;          // IFLA_OPERSTATE, RFC 2863: 0 unknown, 6 up
    bool loopback = false;
    bool ethernet = true;   // has 6-byte addresses and speaks ARP
    Mac mac{};
};

// An address that the kernel has, whoever put it there.
struct Held {
    Address address;
    int prefix = 0;
    int link = 0;             // index
    bool secondary = false;   // IPv4: goes with the primary of its subnet when that is removed
    bool dad_failed = false;  // IPv6: somebody else had it
    bool operator==(const Held&) const = default;
};

// An address that this resource is to hold; link 0: on whichever.
struct Want {
    Address address;
    int prefix = 0;
    int link = 0;
    bool operator==(const Want&) const = default;
};

// Why nothing can be reached over the link ("has no carrier"), or nothing.
std::optional<std::string> why_dead(const Link& link);

// The interface for an address whose entry names none: where the narrowest subnet is that holds it,
// by the node's other addresses; then `routed`, the link of the kernel's own route to it (0: none);
// then where it already is. 0: nowhere.
int choose_link(const Address& address, const std::vector<Address>& own,
                const std::vector<Held>& held, int routed);

struct Plan {
    std::vector<Held> remove;  // ours, on the wrong link or with the wrong prefix; first
    std::vector<Want> add;
    bool done() const { return remove.empty() && add.empty(); }
};
Plan toward_held(const std::vector<Want>& wants, const std::vector<Held>& held);

// Every place where one of the addresses is.
std::vector<Held> found_of(const std::vector<Address>& addresses, const std::vector<Held>& held);

// Those of `held` that the kernel drops together with `gone` unless told to keep them.
bool takes_others_along(const Held& gone, const std::vector<Held>& leaving,
                        const std::vector<Held>& held);

struct Presence {
    std::size_t right = 0;              // of the wanted, held as they should be
    std::size_t somewhere = 0;          // held at all
    std::vector<std::string> findings;  // what is wrong with those that are not right
};
// `names` has the link's name for each index that may be mentioned.
Presence look_for(const std::vector<Want>& wants, const std::vector<Held>& held,
                  const std::map<int, std::string>& names);

}  // namespace duet::vip
