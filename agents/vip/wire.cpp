// SPDX-License-Identifier: GPL-2.0-or-later
#include "wire.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "failure.hpp"
#include "text.hpp"

namespace duet::vip {

namespace {

std::uint16_t protocol_of(bool v6) { return htons(v6 ? ETH_P_IPV6 : ETH_P_ARP); }

// Of IPv6 only neighbour solicitations and advertisements: the rest is the site's traffic.
void keep_discovery(const Fd& socket) {
    std::array<sock_filter, 7> program{{{BPF_LD | BPF_B | BPF_ABS, 0, 0, 6},     // next header
                                        {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 58},   // ICMPv6?
                                        {BPF_LD | BPF_B | BPF_ABS, 0, 0, 40},    // type
                                        {BPF_JMP | BPF_JGE | BPF_K, 0, 1, 135},  // at least?
                                        {BPF_JMP | BPF_JGT | BPF_K, 0, 1, 136},  // not more?
                                        {BPF_RET | BPF_K, 0, 0, 0},
                                        {BPF_RET | BPF_K, 0, 0, 0xffff}}};
    const sock_fprog filter{std::uint16_t(program.size()), program.data()};
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0)
        throw_errno("filter a packet socket");
}

sockaddr_ll link_address(int link, bool v6) {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = protocol_of(v6);
    address.sll_ifindex = link;
    return address;
}

// Nothing when there is nothing more.
bool receive_one(const Fd& socket, int link, bool v6, std::vector<Heard>& heard) {
    std::array<std::uint8_t, 2048> bytes;
    sockaddr_ll from{};
    socklen_t from_size = sizeof from;
    const auto size = ::recvfrom(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT,
                                 reinterpret_cast<sockaddr*>(&from), &from_size);
    if (size < 0) return errno == EINTR;
    if (from.sll_pkttype == PACKET_OUTGOING || from.sll_halen != Mac{}.size()) return true;
    Mac sender;
    std::memcpy(sender.data(), from.sll_addr, sender.size());
    if (const auto claim = read_claim(v6, std::span(bytes.data(), std::size_t(size)), sender))
        heard.push_back({link, *claim});
    return true;
}

}  // namespace

void Wire::open(const Link& link, bool v6) {
    if (is_open(link.index, v6)) return;
    // Without a protocol it hears nothing until the filter is in and it is bound.
    Fd socket(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) throw_errno("open a packet socket");
    if (v6) keep_discovery(socket);
    const auto address = link_address(link.index, v6);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw_errno(cat("bind a packet socket to '", link.name, "'"));
    sockets_.emplace(std::pair{link.index, v6}, std::move(socket));
}

bool Wire::send(int link, const Frame& frame) {
    const auto found = sockets_.find({link, frame.v6});
    if (found == sockets_.end()) return false;
    auto to = link_address(link, frame.v6);
    to.sll_halen = std::uint8_t(frame.to.size());
    std::memcpy(to.sll_addr, frame.to.data(), frame.to.size());
    return ::sendto(found->second.get(), frame.bytes.data(), frame.bytes.size(), 0,
                    reinterpret_cast<const sockaddr*>(&to), sizeof to) >= 0;
}

std::vector<Heard> Wire::receive() {
    // A flood is left for the next turn.
    constexpr int most = 1000;
    std::vector<Heard> heard;
    for (const auto& [key, socket] : sockets_)
        for (int count = 0; count < most; ++count)
            if (!receive_one(socket, key.first, key.second, heard)) break;
    return heard;
}

std::vector<Heard> Wire::receive(const Deadline& deadline) {
    for (;;) {
        std::vector<pollfd> waiting;
        for (const int fd : fds()) waiting.push_back({fd, POLLIN, 0});
        const int ready =
            ::poll(waiting.data(), waiting.size(), int(deadline.remaining().count()));
        if (ready < 0 && errno != EINTR) throw_errno("wait for neighbours");
        if (ready == 0) return {};
        if (auto heard = receive(); !heard.empty()) return heard;
    }
}

std::vector<int> Wire::fds() const {
    std::vector<int> found;
    for (const auto& [key, socket] : sockets_) found.push_back(socket.get());
    return found;
}

}  // namespace duet::vip
