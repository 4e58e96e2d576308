// SPDX-License-Identifier: GPL-2.0-or-later
// A network for one server and its neighbours, inside the sandbox: a switch, a gateway and another
// host, each a network namespace with a kernel's own neighbour table. The server is the sandbox
// itself: eth0 (192.0.2.11/24, 2001:db8::11/64, default route by the gateway) on that switch, and
// eth1 (10.0.0.1/24) on a link that ends in the switch's namespace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "clock.hpp"
#include "fd.hpp"

namespace duet::test {

constexpr auto gateway = "gateway", neighbour = "neighbour";

// Throws where the kernel does not have what is needed.
void make_segment();
// Puts it back to its beginning: addresses, link states, neighbour tables.
void reset_segment();

// `ip WORDS` in a namespace (empty: the server's), which must succeed; what it prints.
std::string ip(const std::string& name_space, const std::string& words);
// The hardware address of a host's interface (eth0 in each).
std::string mac_of(const std::string& name_space);
// What the host's kernel believes about who has the address; empty: nothing.
std::string believed_mac(const std::string& name_space, const std::string& address);
// The lines of `ip -o addr` that have the address, of the server.
std::string held(const std::string& address);

// Pulls the cable of eth0, and plugs it in.
void unplug();
void plug_in();

// Everything that comes in at a host's eth0 from this moment on.
class Capture {
  public:
    explicit Capture(const std::string& name_space);

    struct Packet {
        std::string to;  // "this host", "everybody", "a group"
        std::uint16_t protocol = 0;
        std::vector<std::uint8_t> bytes;  // what follows the Ethernet header
    };
    // All that has come in until now, or comes within the time.
    std::vector<Packet> packets(Milliseconds wait = Milliseconds(0));

  private:
    Fd socket_;
    std::vector<Packet> seen_;
};

// ARP of an operation (1 request, 2 reply) that says `address` is at `mac`.
bool is_arp_claim(const Capture::Packet& packet, int operation, const std::string& address,
                  const std::string& mac);
// A neighbour advertisement for `address`.
bool is_advertisement(const Capture::Packet& packet, const std::string& address);

}  // namespace duet::test
