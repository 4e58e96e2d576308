// SPDX-License-Identifier: GPL-2.0-or-later
#include "link.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <sstream>
#include <string_view>

namespace duet::mysql {

namespace {

constexpr int established = 1;
// Linux waits at least this long before the first retransmission, and twice as long each time
// (TCP_RTO_MIN; include/net/tcp.h).
constexpr std::chrono::milliseconds first_wait{200};
constexpr int most_doublings = 12;  // longer than anybody asks

std::optional<unsigned> hexadecimal(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// As the kernel prints it: words of 32 bits in this machine's order.
std::string as_printed(const unsigned char* bytes, int words) {
    std::string text;
    for (int i = 0; i < words; ++i) {
        unsigned word;
        std::memcpy(&word, bytes + 4 * i, 4);
        for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789ABCDEF"[(word >> shift) & 15];
    }
    return text;
}

// An IPv4 address stands in tcp6, too, where the server listens on both.
std::string pattern_of(const std::string& address) {
    unsigned char bytes[16];
    if (::inet_pton(AF_INET, address.c_str(), bytes) == 1) return as_printed(bytes, 1);
    if (::inet_pton(AF_INET6, address.c_str(), bytes) == 1) return as_printed(bytes, 4);
    return {};
}

}  // namespace

std::optional<std::chrono::milliseconds> unanswered_for(const std::string& table,
                                                        const std::string& address, int port) {
    const auto wanted = pattern_of(address);
    std::optional<unsigned> least;
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line) && !wanted.empty();) {
        std::istringstream words(line);
        std::string slot, local, remote, state, queues, timer, retransmissions;
        if (!(words >> slot >> local >> remote >> state >> queues >> timer >> retransmissions))
            continue;
        const auto local_port = hexadecimal(std::string_view(local).substr(local.find(':') + 1));
        const auto count = hexadecimal(retransmissions);
        if (hexadecimal(state) != established || local_port != unsigned(port) || !count ||
            !remote.substr(0, remote.find(':')).ends_with(wanted))
            continue;
        least = std::min(least.value_or(*count), *count);
    }
    if (!least) return std::nullopt;
    return first_wait * ((1 << std::min(int(*least), most_doublings)) - 1);
}

}  // namespace duet::mysql
