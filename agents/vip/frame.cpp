// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame.hpp"

#include <algorithm>

namespace duet::vip {

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint8_t arp_request = 1, arp_reply = 2;
constexpr std::size_t arp_size = 28;
constexpr std::uint8_t icmpv6 = 58, solicitation = 135, advertisement = 136;
constexpr std::uint8_t source_option = 1, target_option = 2;
constexpr std::size_t ip6_size = 40, nd_size = 24, option_size = 8;

template <typename Range>
void append(Bytes& bytes, const Range& range, std::size_t count) {
    bytes.insert(bytes.end(), range.begin(), range.begin() + std::ptrdiff_t(count));
}

// Sender and target: hardware address and IPv4 address each.
Frame arp(std::uint8_t operation, const Mac& mac, const Address& sender, const Mac& target_mac,
          const Address& target, const Mac& to) {
    Frame frame{false, to, {0, 1, 8, 0, 6, 4, 0, operation}};
    append(frame.bytes, mac, mac.size());
    append(frame.bytes, sender.bytes, 4);
    append(frame.bytes, target_mac, target_mac.size());
    append(frame.bytes, target.bytes, 4);
    return frame;
}

std::uint16_t checksum(const Address& source, const Address& destination, const Bytes& message) {
    std::uint32_t sum = icmpv6 + std::uint32_t(message.size());
    const auto add = [&](const auto& bytes) {
        for (std::size_t at = 0; at < bytes.size(); at += 2)
            sum += std::uint32_t(bytes[at] << 8 | bytes[at + 1]);
    };
    add(source.bytes);
    add(destination.bytes);
    add(message);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return std::uint16_t(~sum);
}

// `option` 0: none.
Frame neighbour_discovery(std::uint8_t type, std::uint8_t flags, const Address& source,
                          const Address& destination, const Address& target, std::uint8_t option,
                          const Mac& mac, const Mac& to) {
    Bytes message{type, 0, 0, 0, flags, 0, 0, 0};
    append(message, target.bytes, 16);
    if (option) {
        message.push_back(option);
        message.push_back(1);  // in units of 8 bytes
        append(message, mac, mac.size());
    }
    const auto sum = checksum(source, destination, message);
    message[2] = std::uint8_t(sum >> 8);
    message[3] = std::uint8_t(sum & 0xff);
    // Receivers drop what does not have the hop limit 255: it would have passed a router.
    Frame frame{true, to, {0x60, 0, 0, 0, 0, std::uint8_t(message.size()), icmpv6, 255}};
    append(frame.bytes, source.bytes, 16);
    append(frame.bytes, destination.bytes, 16);
    append(frame.bytes, message, message.size());
    return frame;
}

Mac multicast_mac(const Address& group) {
    return {0x33, 0x33, group.bytes[12], group.bytes[13], group.bytes[14], group.bytes[15]};
}

Address all_nodes() {
    return {true, {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
}

Address solicited_node(const Address& target) {
    const auto& bytes = target.bytes;
    return {true,
            {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, bytes[13], bytes[14], bytes[15]}};
}

Frame advertise(const Address& address, const Mac& mac, const Address& to, const Mac& to_mac) {
    constexpr std::uint8_t override_flag = 0x20;
    return neighbour_discovery(advertisement, override_flag, address, to, address, target_option,
                               mac, to_mac);
}

Address read_address(bool v6, std::span<const std::uint8_t> bytes) {
    Address address{v6, {}};
    std::copy_n(bytes.begin(), address.size(), address.bytes.begin());
    return address;
}

Mac read_mac(std::span<const std::uint8_t> bytes) {
    Mac mac;
    std::copy_n(bytes.begin(), mac.size(), mac.begin());
    return mac;
}

std::optional<Claim> read_arp(std::span<const std::uint8_t> bytes) {
    constexpr std::uint8_t head[] = {0, 1, 8, 0, 6, 4, 0};
    if (bytes.size() < arp_size || !std::equal(std::begin(head), std::end(head), bytes.begin()))
        return std::nullopt;
    if (bytes[7] != arp_request && bytes[7] != arp_reply) return std::nullopt;
    const Claim claim{read_address(false, bytes.subspan(14)), read_mac(bytes.subspan(8)),
                      read_address(false, bytes.subspan(24))};
    if (claim.address == Address{}) return std::nullopt;
    return claim;
}

std::optional<Claim> read_discovery(std::span<const std::uint8_t> bytes, const Mac& sender) {
    if (bytes.size() < ip6_size + nd_size || bytes[6] != icmpv6 || bytes[7] != 255)
        return std::nullopt;
    const auto source = read_address(true, bytes.subspan(8));
    const auto message = bytes.subspan(ip6_size);
    const bool advertises = message[0] == advertisement;
    if (!advertises && message[0] != solicitation) return std::nullopt;
    if (!advertises && source == Address{true, {}}) return std::nullopt;
    Claim claim{advertises ? read_address(true, message.subspan(8)) : source, sender,
                read_address(true, bytes.subspan(24))};
    const auto wanted = advertises ? target_option : source_option;
    for (auto options = message.subspan(nd_size); options.size() >= option_size;) {
        const std::size_t size = options[1] * option_size;
        if (size == 0 || size > options.size()) break;
        if (options[0] == wanted) claim.mac = read_mac(options.subspan(2));
        options = options.subspan(size);
    }
    return claim;
}

}  // namespace

std::vector<Frame> announcement(const Address& address, const Mac& mac) {
    if (address.v6)
        return {advertise(address, mac, all_nodes(), multicast_mac(all_nodes()))};
    return {arp(arp_request, mac, address, Mac{}, address, broadcast_mac),
            arp(arp_reply, mac, address, broadcast_mac, address, broadcast_mac)};
}

std::vector<Frame> announcement_to(const Neighbour& neighbour, const Address& address,
                                   const Mac& mac) {
    if (address.v6) return {advertise(address, mac, neighbour.address, neighbour.mac)};
    // An ordinary answer, and one that Linux takes for gratuitous: only that is exempt from its
    // locktime, during which a changed entry is not changed again. In a gratuitous reply it wants
    // the sender's hardware address as the target's, too (arp_is_garp in net/ipv4/arp.c).
    return {arp(arp_reply, mac, address, neighbour.mac, neighbour.address, neighbour.mac),
            arp(arp_reply, mac, address, mac, address, neighbour.mac)};
}

Frame question(const Address& target, const Address& address, const Mac& mac,
               const std::optional<Mac>& known) {
    if (!target.v6)
        return arp(arp_request, mac, address, Mac{}, target, known.value_or(broadcast_mac));
    const auto group = solicited_node(target);
    return neighbour_discovery(solicitation, 0, address, known ? target : group, target,
                               source_option, mac, known ? *known : multicast_mac(group));
}

Frame probe(const Address& target, const Mac& mac) {
    if (!target.v6) return arp(arp_request, mac, Address{}, Mac{}, target, broadcast_mac);
    const auto group = solicited_node(target);
    return neighbour_discovery(solicitation, 0, Address{true, {}}, group, target, 0, mac,
                               multicast_mac(group));
}

std::optional<Claim> read_claim(bool v6, std::span<const std::uint8_t> bytes, const Mac& sender) {
    return v6 ? read_discovery(bytes, sender) : read_arp(bytes);
}

}  // namespace duet::vip
