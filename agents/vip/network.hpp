// SPDX-License-Identifier: GPL-2.0-or-later
// Links, addresses, routes and neighbours of this network namespace, asked of the kernel.
// Findings are values; what the kernel refuses is a std::system_error.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "netlink.hpp"
#include "policy.hpp"

namespace duet::vip {

enum class Source {
    normal,
    avoided  // IPv6: preferred lifetime 0, so that the server's own connections do not start there
};

class Network {
  public:
    Network();

    // By name or alternative name, by index. Nothing when there is none.
    std::optional<Link> link(const std::string& name);
    std::optional<Link> link(int index);
    // Whether the hardware address is one of this server's own.
    bool has(const Mac& mac);

    // All addresses of all links, one dump.
    std::vector<Held> addresses();
    // One that is there already is success, one that is gone too. Each throws std::system_error.
    void add(const Want& want, Source source);
    void remove(const Held& held);

    // The link of the kernel's own route to the address; 0 when it has none or it is local.
    int route_to(const Address& address);
    // Next hops of the routes over the link, in any table, each once.
    std::vector<Address> gateways(int link, bool v6);
    // The hardware address that the kernel believes in at the moment.
    std::optional<Mac> neighbour(int link, const Address& address);

  private:
    std::optional<Link> ask_link(Request& request);

    Netlink netlink_;
};

}  // namespace duet::vip
