// SPDX-License-Identifier: GPL-2.0-or-later
#include "network.hpp"

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "failure.hpp"
#include "text.hpp"

namespace duet::vip {

namespace {

// Enough to announce to; a router with a full table behind it has few next hops of its own.
constexpr std::size_t most_gateways = 16;

template <typename Visit>
void each_attribute(const nlmsghdr& message, std::size_t offset, const Visit& visit) {
    const auto* end = static_cast<const char*>(::mnl_nlmsg_get_payload_tail(&message));
    for (const auto* attribute = static_cast<const nlattr*>(
             ::mnl_nlmsg_get_payload_offset(&message, offset));
         ::mnl_attr_ok(attribute, int(end - reinterpret_cast<const char*>(attribute)));
         attribute = ::mnl_attr_next(attribute))
        visit(*attribute);
}

Address read_address(const nlattr& attribute, int family) {
    Address address;
    address.v6 = family == AF_INET6;
    const auto size = std::min<std::size_t>(::mnl_attr_get_payload_len(&attribute),
                                            std::size_t(address.size()));
    std::memcpy(address.bytes.data(), ::mnl_attr_get_payload(&attribute), size);
    return address;
}

void put_address(nlmsghdr* header, std::uint16_t type, const Address& address) {
    ::mnl_attr_put(header, type, std::size_t(address.size()), address.bytes.data());
}

unsigned char family_of(const Address& address) { return address.v6 ? AF_INET6 : AF_INET; }

Link read_link(const nlmsghdr& message) {
    const auto& part = *static_cast<const ifinfomsg*>(::mnl_nlmsg_get_payload(&message));
    Link link;
    link.index = part.ifi_index;
    link.up = part.ifi_flags & IFF_UP;
    link.carrier = part.ifi_flags & IFF_LOWER_UP;
    link.loopback = part.ifi_flags & IFF_LOOPBACK;
    link.ethernet = part.ifi_type == ARPHRD_ETHER && !(part.ifi_flags & IFF_NOARP);
    each_attribute(message, sizeof part, [&](const nlattr& attribute) {
        const auto type = ::mnl_attr_get_type(&attribute);
        if (type == IFLA_IFNAME) link.name = ::mnl_attr_get_str(&attribute);
        if (type == IFLA_OPERSTATE) link.state = ::mnl_attr_get_u8(&attribute);
        if (type == IFLA_ADDRESS && ::mnl_attr_get_payload_len(&attribute) == link.mac.size())
            std::memcpy(link.mac.data(), ::mnl_attr_get_payload(&attribute), link.mac.size());
    });
    return link;
}

Held read_held(const nlmsghdr& message) {
    const auto& part = *static_cast<const ifaddrmsg*>(::mnl_nlmsg_get_payload(&message));
    Held held;
    held.prefix = part.ifa_prefixlen;
    held.link = int(part.ifa_index);
    std::uint32_t flags = part.ifa_flags;
    bool has_local = false;
    each_attribute(message, sizeof part, [&](const nlattr& attribute) {
        const auto type = ::mnl_attr_get_type(&attribute);
        // On a point-to-point link IFA_ADDRESS is the other end and IFA_LOCAL ours.
        if (type == IFA_LOCAL || (type == IFA_ADDRESS && !has_local))
            held.address = read_address(attribute, part.ifa_family);
        if (type == IFA_LOCAL) has_local = true;
        if (type == IFA_FLAGS) flags = ::mnl_attr_get_u32(&attribute);
    });
    held.secondary = part.ifa_family == AF_INET && (flags & IFA_F_SECONDARY);
    held.dad_failed = flags & IFA_F_DADFAILED;
    return held;
}

void put_lifetime(nlmsghdr* header, Source source) {
    ifa_cacheinfo lifetime{};
    lifetime.ifa_valid = 0xffffffff;  // for ever
    lifetime.ifa_prefered = source == Source::avoided ? 0 : 0xffffffff;
    ::mnl_attr_put(header, IFA_CACHEINFO, sizeof lifetime, &lifetime);
}

}  // namespace

Network::Network() : netlink_(NETLINK_ROUTE) {}

std::optional<Link> Network::ask_link(Request& request) {
    // Without counters and virtual functions the answer stays small.
    ::mnl_attr_put_u32(request.header(), IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    std::optional<Link> link;
    const int error =
        netlink_.ask(request, [&](const nlmsghdr& message) { link = read_link(message); });
    if (error && error != ENODEV && error != ENOENT && error != EINVAL && error != ERANGE)
        throw_errno(error, "ask the kernel for an interface");
    return link;
}

std::optional<Link> Network::link(const std::string& name) {
    const bool is_short = name.size() < IFNAMSIZ;
    for (const auto attribute : {is_short ? IFLA_IFNAME : IFLA_ALT_IFNAME, IFLA_ALT_IFNAME}) {
        Request request(RTM_GETLINK, 0);
        request.part<ifinfomsg>();
        ::mnl_attr_put_strz(request.header(), std::uint16_t(attribute), name.c_str());
        if (auto link = ask_link(request)) return link;
    }
    return std::nullopt;
}

std::optional<Link> Network::link(int index) {
    if (index <= 0) return std::nullopt;
    Request request(RTM_GETLINK, 0);
    request.part<ifinfomsg>()->ifi_index = index;
    return ask_link(request);
}

bool Network::has(const Mac& mac) {
    bool found = false;
    Request request(RTM_GETLINK, 0);
    request.part<ifinfomsg>();
    ::mnl_attr_put_u32(request.header(), IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    netlink_.dump(
        request, [] {},
        [&](const nlmsghdr& message) { found = found || read_link(message).mac == mac; });
    return found;
}

std::vector<Held> Network::addresses() {
    std::vector<Held> held;
    Request request(RTM_GETADDR, 0);
    request.part<ifaddrmsg>()->ifa_family = AF_UNSPEC;
    const int error = netlink_.dump(
        request, [&] { held.clear(); },
        [&](const nlmsghdr& message) { held.push_back(read_held(message)); });
    if (error) throw_errno(error, "list the addresses");
    return held;
}

void Network::add(const Want& want, Source source) {
    Request request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
    auto* part = request.part<ifaddrmsg>();
    part->ifa_family = family_of(want.address);
    part->ifa_prefixlen = std::uint8_t(want.prefix);
    part->ifa_index = std::uint32_t(want.link);
    put_address(request.header(), IFA_LOCAL, want.address);
    put_address(request.header(), IFA_ADDRESS, want.address);
    if (want.address.v6) {
        // Duplicate detection would keep the address unusable for a second; who else has it is
        // found out by us.
        ::mnl_attr_put_u32(request.header(), IFA_FLAGS, IFA_F_NODAD);
        put_lifetime(request.header(), source);
    } else if (want.prefix < 31) {
        put_address(request.header(), IFA_BROADCAST, last_of_subnet(want.address, want.prefix));
    }
    const int error = netlink_.ask(request);
    if (error && error != EEXIST)
        throw_errno(error, cat("add ", text_of(want.address), '/', want.prefix));
}

void Network::remove(const Held& held) {
    Request request(RTM_DELADDR, 0);
    auto* part = request.part<ifaddrmsg>();
    part->ifa_family = family_of(held.address);
    part->ifa_prefixlen = std::uint8_t(held.prefix);
    part->ifa_index = std::uint32_t(held.link);
    put_address(request.header(), IFA_LOCAL, held.address);
    const int error = netlink_.ask(request);
    if (error && error != EADDRNOTAVAIL && error != ENODEV)
        throw_errno(error, cat("remove ", text_of(held.address), '/', held.prefix));
}

int Network::route_to(const Address& address) {
    Request request(RTM_GETROUTE, 0);
    auto* part = request.part<rtmsg>();
    part->rtm_family = family_of(address);
    part->rtm_dst_len = std::uint8_t(address.bits());
    put_address(request.header(), RTA_DST, address);
    int link = 0;
    // "Network is unreachable" is an answer like another: no route.
    netlink_.ask(request, [&](const nlmsghdr& message) {
        const auto& route = *static_cast<const rtmsg*>(::mnl_nlmsg_get_payload(&message));
        if (route.rtm_type != RTN_UNICAST) return;
        each_attribute(message, sizeof route, [&](const nlattr& attribute) {
            if (::mnl_attr_get_type(&attribute) == RTA_OIF)
                link = int(::mnl_attr_get_u32(&attribute));
        });
    });
    return link;
}

std::vector<Address> Network::gateways(int link, bool v6) {
    std::vector<Address> found;
    const auto take = [&](const nlattr& gateway, std::uint32_t over) {
        const auto address = read_address(gateway, v6 ? AF_INET6 : AF_INET);
        if (int(over) == link && found.size() < most_gateways &&
            std::find(found.begin(), found.end(), address) == found.end())
            found.push_back(address);
    };
    Request request(RTM_GETROUTE, 0);
    auto* part = request.part<rtmsg>();
    part->rtm_family = v6 ? AF_INET6 : AF_INET;
    part->rtm_type = RTN_UNICAST;
    ::mnl_attr_put_u32(request.header(), RTA_OIF, std::uint32_t(link));
    const int error = netlink_.dump(
        request, [&] { found.clear(); },
        [&](const nlmsghdr& message) {
            const nlattr* gateway = nullptr;
            const nlattr* hops = nullptr;
            std::uint32_t over = 0;
            each_attribute(message, sizeof(rtmsg), [&](const nlattr& attribute) {
                const auto type = ::mnl_attr_get_type(&attribute);
                if (type == RTA_GATEWAY) gateway = &attribute;
                if (type == RTA_OIF) over = ::mnl_attr_get_u32(&attribute);
                if (type == RTA_MULTIPATH) hops = &attribute;
            });
            if (gateway) take(*gateway, over);
            if (!hops) return;
            int rest = int(::mnl_attr_get_payload_len(hops));
            for (auto* hop = static_cast<const rtnexthop*>(::mnl_attr_get_payload(hops));
                 RTNH_OK(hop, rest);) {
                const auto* inner = reinterpret_cast<const nlattr*>(RTNH_DATA(hop));
                const auto size = hop->rtnh_len - sizeof *hop;
                if (size >= sizeof *inner && ::mnl_attr_get_type(inner) == RTA_GATEWAY)
                    take(*inner, std::uint32_t(hop->rtnh_ifindex));
                rest -= int(RTNH_ALIGN(hop->rtnh_len));
                hop = RTNH_NEXT(hop);
            }
        });
    if (error && error != ENODEV) throw_errno(error, "list the routes");
    return found;
}

std::optional<Mac> Network::neighbour(int link, const Address& address) {
    Request request(RTM_GETNEIGH, 0);
    auto* part = request.part<ndmsg>();
    part->ndm_family = family_of(address);
    part->ndm_ifindex = link;
    put_address(request.header(), NDA_DST, address);
    std::optional<Mac> found;
    netlink_.ask(request, [&](const nlmsghdr& message) {
        const auto& state = *static_cast<const ndmsg*>(::mnl_nlmsg_get_payload(&message));
        if (state.ndm_state & (NUD_INCOMPLETE | NUD_FAILED)) return;
        each_attribute(message, sizeof state, [&](const nlattr& attribute) {
            Mac mac;
            if (::mnl_attr_get_type(&attribute) != NDA_LLADDR ||
                ::mnl_attr_get_payload_len(&attribute) != mac.size())
                return;
            std::memcpy(mac.data(), ::mnl_attr_get_payload(&attribute), mac.size());
            found = mac;
        });
    });
    return found;
}

}  // namespace duet::vip
