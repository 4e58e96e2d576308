// SPDX-License-Identifier: GPL-2.0-or-later
#include "address.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace duet::vip {

namespace {

Address with_host_bits(Address address, int prefix, bool set) {
    for (int bit = prefix; bit < address.bits(); ++bit) {
        const auto mask = std::uint8_t(0x80 >> bit % 8);
        auto& byte = address.bytes[std::size_t(bit / 8)];
        byte = std::uint8_t(set ? byte | mask : byte & ~mask);
    }
    return address;
}

bool is_mapped(const Address& address) {
    const auto& bytes = address.bytes;
    return address.v6 && bytes[10] == 0xff && bytes[11] == 0xff &&
           std::all_of(bytes.begin(), bytes.begin() + 10, [](auto byte) { return byte == 0; });
}

}  // namespace

std::optional<Address> parse_address(const std::string& text) {
    Address address;
    address.v6 = text.find(':') != std::string::npos;
    if (::inet_pton(address.v6 ? AF_INET6 : AF_INET, text.c_str(), address.bytes.data()) != 1)
        return std::nullopt;
    return address;
}

std::string text_of(const Address& address) {
    char text[INET6_ADDRSTRLEN] = "";
    ::inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text, sizeof text);
    return text;
}

bool share_prefix(const Address& left, const Address& right, int prefix) {
    if (left.v6 != right.v6) return false;
    return first_of_subnet(left, prefix) == first_of_subnet(right, prefix);
}

Address last_of_subnet(Address address, int prefix) {
    return with_host_bits(address, prefix, true);
}

Address first_of_subnet(Address address, int prefix) {
    return with_host_bits(address, prefix, false);
}

bool is_link_local(const Address& address) {
    return address.v6 && address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

std::optional<std::string> why_unusable(const Address& address, int prefix) {
    const auto first = address.bytes[0];
    if (address.v6) {
        if (first == 0xff) return "a multicast address";
        if (address == Address{true, {}}) return "the unspecified address";
        Address loopback{true, {}};
        loopback.bytes[15] = 1;
        if (address == loopback) return "the loopback address";
        if (is_mapped(address)) return "an IPv4 address in IPv6 form";
        return std::nullopt;
    }
    if (first == 0) return "an address of the unspecified network";
    if (first == 127) return "a loopback address";
    if (first >= 224) return first < 240 ? "a multicast address" : "a reserved address";
    if (prefix > 30) return std::nullopt;
    if (address == first_of_subnet(address, prefix)) return "the address of the network itself";
    if (address == last_of_subnet(address, prefix)) return "the broadcast address of its network";
    return std::nullopt;
}

std::string text_of(const Mac& mac) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const auto byte : mac) {
        if (!text.empty()) text += ':';
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

}  // namespace duet::vip
