// SPDX-License-Identifier: GPL-2.0-or-later
// The packets by which hosts learn who has an address, as bytes: ARP (RFC 826, 5227) for IPv4,
// neighbour discovery (RFC 4861) for IPv6. Nothing is sent here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "address.hpp"

namespace duet::vip {

constexpr Mac broadcast_mac{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

// What follows the Ethernet header, and to whom it goes.
struct Frame {
    bool v6 = false;
    Mac to{};
    std::vector<std::uint8_t> bytes;
};

// A host on the link whose neighbour table matters more than others'.
struct Neighbour {
    Address address;
    Mac mac{};
};

// "`address` is at `mac`" to everybody: ARP in request and in reply form (some switches honour one,
// some the other), or an unsolicited neighbour advertisement.
std::vector<Frame> announcement(const Address& address, const Mac& mac);
// The same to one neighbour, who may ignore broadcasts.
std::vector<Frame> announcement_to(const Neighbour& neighbour, const Address& address,
                                   const Mac& mac);
// "Who has `target`? Tell `address` at `mac`." Whoever answers has learnt our address as well. To
// `known` alone, or to everybody.
Frame question(const Address& target, const Address& address, const Mac& mac,
               const std::optional<Mac>& known);
// "Does anybody have `target`?" in a form that changes nobody's tables (RFC 5227 probe; duplicate
// address detection).
Frame probe(const Address& target, const Mac& mac);

// What a packet says about its sender.
struct Claim {
    Address address;
    Mac mac{};
    Address told;  // to whom: the target of an ARP packet, the destination of an advertisement
};
// Nothing where it claims nothing: a probe, another protocol, a broken packet. `sender` is the
// Ethernet source, for advertisements without their option.
std::optional<Claim> read_claim(bool v6, std::span<const std::uint8_t> bytes, const Mac& sender);

}  // namespace duet::vip
