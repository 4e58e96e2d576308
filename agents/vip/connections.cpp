// SPDX-License-Identifier: GPL-2.0-or-later
#include "connections.hpp"

#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstring>
#include <set>
#include <system_error>

#include "log.hpp"
#include "netlink.hpp"

namespace duet::vip {

namespace {

// TIME_WAIT holds nobody up, and a listener will be wanted again.
constexpr std::uint32_t states = 0xfff & ~(1u << TCP_LISTEN) & ~(1u << TCP_TIME_WAIT);

Address local_end(const inet_diag_msg& message) {
    Address address{message.idiag_family == AF_INET6, {}};
    std::memcpy(address.bytes.data(), message.id.idiag_src, std::size_t(address.size()));
    // A dual-stack server (mysqld) has its IPv4 connections as ::ffff:a.b.c.d.
    const Address mapped{true, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};
    if (!address.v6 || !share_prefix(address, mapped, 96)) return address;
    Address v4;
    std::memcpy(v4.bytes.data(), address.bytes.data() + 12, 4);
    return v4;
}

inet_diag_req_v2* put_query(Request& request, int family) {
    auto* query = request.part<inet_diag_req_v2>();
    query->sdiag_family = std::uint8_t(family);
    query->sdiag_protocol = IPPROTO_TCP;
    query->idiag_states = states;
    return query;
}

bool destroy(Netlink& netlink, const inet_diag_msg& message) {
    Request request(SOCK_DESTROY, 0);
    put_query(request, message.idiag_family)->id = message.id;
    return netlink.ask(request) == 0;
}

int close_family(Netlink& netlink, int family, const std::set<Address>& addresses) {
    std::vector<inet_diag_msg> found;
    Request request(SOCK_DIAG_BY_FAMILY, 0);
    put_query(request, family);
    const auto take = [&](const nlmsghdr& answer) {
        inet_diag_msg message;
        std::memcpy(&message, ::mnl_nlmsg_get_payload(&answer), sizeof message);
        if (addresses.contains(local_end(message))) found.push_back(message);
    };
    if (netlink.dump(request, [&] { found.clear(); }, take) != 0) return 0;
    int closed = 0;
    for (const auto& message : found) closed += destroy(netlink, message);
    return closed;
}

}  // namespace

int close_connections(const std::vector<Address>& addresses) try {
    const std::set<Address> wanted(addresses.begin(), addresses.end());
    Netlink netlink(NETLINK_SOCK_DIAG);
    return close_family(netlink, AF_INET, wanted) + close_family(netlink, AF_INET6, wanted);
} catch (const std::system_error& error) {
    // It is a courtesy to the clients; the address goes all the same.
    log::warning("connections stay open: ", error.what());
    return 0;
}

}  // namespace duet::vip
