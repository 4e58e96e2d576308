// SPDX-License-Identifier: GPL-2.0-or-later
// An IPv4 or IPv6 address as the number it is.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace duet::vip {

struct Address {
    bool v6 = false;
    std::array<std::uint8_t, 16> bytes{};  // network order; IPv4 has the first four

    auto operator<=>(const Address&) const = default;
    int size() const { return v6 ? 16 : 4; }
    int bits() const { return size() * 8; }
};

// Nothing for anything but a whole numeric address ("192.0.2.1", "2001:db8::1").
std::optional<Address> parse_address(const std::string& text);
// RFC 5952 for IPv6.
std::string text_of(const Address& address);

// Whether the first `prefix` bits are equal; false for two families.
bool share_prefix(const Address& left, const Address& right, int prefix);
// The address with all bits after the first `prefix` set, or cleared.
Address last_of_subnet(Address address, int prefix);
Address first_of_subnet(Address address, int prefix);

bool is_link_local(const Address& address);
// Why no host can hold it ("a multicast address"), or nothing.
std::optional<std::string> why_unusable(const Address& address, int prefix);

using Mac = std::array<std::uint8_t, 6>;
std::string text_of(const Mac& mac);

}  // namespace duet::vip
