// SPDX-License-Identifier: GPL-2.0-or-later
#include "segment.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <cstring>

#include "failure.hpp"
#include "file.hpp"
#include "sandbox.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

constexpr auto lan = "lan";

// In another network namespace for as long as it lives.
class Visit {
  public:
    explicit Visit(const std::string& name_space)
        : home_(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) {
        enter(Fd(::open(("/run/netns/" + name_space).c_str(), O_RDONLY | O_CLOEXEC)));
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit() { ::setns(home_.get(), CLONE_NEWNET); }

  private:
    static void enter(const Fd& space) {
        if (::setns(space.get(), CLONE_NEWNET) != 0) throw_errno("enter a namespace");
    }
    Fd home_;
};

void attach(const std::string& host) {
    ip("", cat("netns add ", host));
    ip(lan, cat("link add port-", host, " type veth peer name eth0 netns ", host));
    ip(lan, cat("link set port-", host, " master switch up"));
    ip(host, "link set lo up");
    ip(host, "link set eth0 up");
}

std::string text_of_mac(const std::uint8_t* bytes) {
    std::array<char, 18> text;
    std::snprintf(text.data(), text.size(), "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1],
                  bytes[2], bytes[3], bytes[4], bytes[5]);
    return text.data();
}

void set_addresses(const std::string& host, const std::string& v4, const std::string& v6) {
    ip(host, "addr flush dev eth0");
    ip(host, cat("addr add ", v4, "/24 dev eth0"));
    ip(host, cat("addr add ", v6, "/64 dev eth0 nodad"));
    ip(host, "neigh flush all");
}

}  // namespace

std::string ip(const std::string& name_space, const std::string& words) {
    return must(name_space.empty() ? cat("ip ", words) : cat("ip -n ", name_space, ' ', words));
}

void make_segment() {
    must("ip link set lo up");
    ip("", cat("netns add ", lan));
    ip(lan, "link add switch type bridge");
    ip(lan, "link set switch up");
    for (const char* nic : {"eth0", "eth1"}) {
        ip("", cat("link add ", nic, " type veth peer name port-", nic, " netns ", lan));
        ip("", cat("link set ", nic, " up"));
        ip(lan, cat("link set port-", nic, " up"));
    }
    ip(lan, "link set port-eth0 master switch");
    for (const char* host : {gateway, neighbour}) attach(host);
    reset_segment();
}

void reset_segment() {
    plug_in();
    set_addresses("", "192.0.2.11", "2001:db8::11");
    set_addresses(gateway, "192.0.2.1", "2001:db8::1");
    set_addresses(neighbour, "192.0.2.99", "2001:db8::99");
    ip("", "addr flush dev eth1");
    ip("", "addr add 10.0.0.1/24 dev eth1");
    ip("", "route replace default via 192.0.2.1");
    ip("", "route replace default via 2001:db8::1");
}

void unplug() {
    ip(lan, "link set port-eth0 down");
}

void plug_in() {
    ip(lan, "link set port-eth0 up");
    const auto patience = Deadline::after(Milliseconds(5'000));
    while (trim(read_file("/sys/class/net/eth0/operstate").value_or("")) != "up")
        patience.pause(Milliseconds(10), "the link");
}

std::string mac_of(const std::string& name_space) {
    const auto words = split_words(ip(name_space, "-o link show dev eth0"));
    for (std::size_t at = 0; at + 1 < words.size(); ++at)
        if (words[at] == "link/ether") return words[at + 1];
    return {};
}

std::string believed_mac(const std::string& name_space, const std::string& address) {
    const auto words = split_words(ip(name_space, cat("neigh show ", address, " dev eth0")));
    for (std::size_t at = 0; at + 1 < words.size(); ++at)
        if (words[at] == "lladdr") return words[at + 1];
    return {};
}

std::string held(const std::string& address) {
    std::string found;
    for (const auto& line : split(ip("", "-o addr show"), '\n'))
        if (line.find(cat(' ', address, '/')) != std::string::npos) found += line + '\n';
    return found;
}

Capture::Capture(const std::string& name_space) {
    const Visit there(name_space);
    socket_ = Fd(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL)));
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = int(::if_nametoindex("eth0"));
    if (!socket_ || ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address))
        throw_errno("open a packet socket");
}

std::vector<Capture::Packet> Capture::packets(Milliseconds wait) {
    const auto patience = Deadline::after(wait);
    do {
        pollfd waiting{socket_.get(), POLLIN, 0};
        ::poll(&waiting, 1, int(patience.remaining().count()));
        std::array<std::uint8_t, 2048> bytes;
        sockaddr_ll from{};
        socklen_t size_of_from = sizeof from;
        for (;;) {
            const auto size = ::recvfrom(socket_.get(), bytes.data(), bytes.size(), 0,
                                         reinterpret_cast<sockaddr*>(&from), &size_of_from);
            if (size < 0) break;
            if (from.sll_pkttype == PACKET_OUTGOING) continue;
            seen_.push_back({from.sll_pkttype == PACKET_BROADCAST   ? "everybody"
                             : from.sll_pkttype == PACKET_MULTICAST ? "a group"
                                                                    : "this host",
                             ntohs(from.sll_protocol),
                             {bytes.begin(), bytes.begin() + size}});
        }
    } while (!patience.expired());
    return seen_;
}

bool is_arp_claim(const Capture::Packet& packet, int operation, const std::string& address,
                  const std::string& mac) {
    std::array<std::uint8_t, 4> wanted;
    ::inet_pton(AF_INET, address.c_str(), wanted.data());
    return packet.protocol == ETH_P_ARP && packet.bytes.size() >= 28 &&
           packet.bytes[7] == operation && text_of_mac(&packet.bytes[8]) == mac &&
           std::memcmp(&packet.bytes[14], wanted.data(), wanted.size()) == 0;
}

bool is_advertisement(const Capture::Packet& packet, const std::string& address) {
    std::array<std::uint8_t, 16> wanted;
    ::inet_pton(AF_INET6, address.c_str(), wanted.data());
    constexpr int advertisement = 136, target = 48;
    return packet.protocol == ETH_P_IPV6 && packet.bytes.size() >= 64 && packet.bytes[6] == 58 &&
           packet.bytes[40] == advertisement &&
           std::memcmp(&packet.bytes[target], wanted.data(), wanted.size()) == 0;
}

}  // namespace duet::test
