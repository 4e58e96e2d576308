// SPDX-License-Identifier: GPL-2.0-or-later
// What the vip agent says to its neighbours and hears from them: packets as they come in at the
// gateway, and the neighbour tables of real kernels.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <functional>

#include "vip_fixture.hpp"

namespace duet::test {

namespace {

constexpr auto other_mac = "02:00:00:00:00:99";

using Packets = std::vector<Capture::Packet>;

long count(const Packets& packets, const std::function<bool(const Capture::Packet&)>& wanted) {
    return std::count_if(packets.begin(), packets.end(), wanted);
}

long arp_claims(const Packets& packets, int operation, const std::string& to) {
    const auto mac = mac_of("");
    return count(packets, [&](const auto& packet) {
        return packet.to == to && is_arp_claim(packet, operation, "192.0.2.10", mac);
    });
}

long advertisements(const Packets& packets, const std::string& to) {
    return count(packets, [&](const auto& packet) {
        return packet.to == to && is_advertisement(packet, "2001:db8::10");
    });
}

// Milliseconds until it is so; the limit where it does not come to be.
long until(const std::function<bool()>& so, Milliseconds limit) {
    const auto begin = std::chrono::steady_clock::now();
    const auto patience = Deadline::after(limit);
    while (!so() && !patience.expired()) ::usleep(2'000);
    return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begin)
        .count();
}

class Wire : public Vip {
  protected:
    // Nothing but what a neighbour says may change the entry of a host.
    static void believe_wrongly(const std::string& host) {
        for (const char* address : {"192.0.2.10", "2001:db8::10"})
            ip(host,
               cat("neigh replace ", address, " lladdr ", other_mac, " nud reachable dev eth0"));
    }
    static bool believes_us(const std::string& host) {
        const auto mac = mac_of("");
        return believed_mac(host, "192.0.2.10") == mac && believed_mac(host, "2001:db8::10") == mac;
    }
    static void filter_gateway(const std::string& family, const std::string& chain) {
        must({"ip", "netns", "exec", gateway, "nft",
              cat("table ", family, " deaf { chain incoming { ", chain, " }; }")});
    }
    void TearDown() override {
        must({"ip", "netns", "exec", gateway, "nft", "flush ruleset"});
        Vip::TearDown();
    }
    static void learn_gateways() {
        must({"ping", "-c1", "-W2", "192.0.2.1"});
        must({"ping", "-c1", "-W2", "2001:db8::1"});
    }
};

TEST_F(Wire, StartHasAnnouncedWhenItReturns) {
    learn_gateways();
    Capture capture(gateway);
    expect(Exit::success, call_("start"));
    const auto packets = capture.packets(Milliseconds(20));
    EXPECT_GE(arp_claims(packets, 1, "everybody"), 1) << "request form";
    EXPECT_GE(arp_claims(packets, 2, "everybody"), 1) << "reply form";
    EXPECT_GE(arp_claims(packets, 2, "this host"), 1) << "to the gateway in person";
    EXPECT_GE(advertisements(packets, "a group"), 1);
    EXPECT_GE(advertisements(packets, "this host"), 1);
}

TEST_F(Wire, TellsAGatewayThatItDoesNotKnowYet) {
    Capture capture(gateway);
    expect(Exit::success, call_("start"));
    const auto packets = capture.packets(Milliseconds(500));
    EXPECT_GE(arp_claims(packets, 2, "this host"), 1);
    EXPECT_GE(advertisements(packets, "this host"), 1);
}

TEST_F(Wire, TellsTheNamedGateway) {
    ip("", "route del default via 192.0.2.1");
    Capture capture(gateway);
    expect(Exit::success, with("gateways", "192.0.2.1")("start"));
    EXPECT_GE(arp_claims(capture.packets(Milliseconds(500)), 2, "this host"), 1);
}

TEST_F(Wire, RepeatsAfterStart) {
    Capture capture(neighbour);
    expect(Exit::success, call_("start"));
    const auto packets = capture.packets(Milliseconds(2'000));
    // At 0, 0.1, 0.3 and 1.1 s; the next would come at 2.2 s.
    EXPECT_EQ(4, arp_claims(packets, 2, "everybody"));
    EXPECT_EQ(4, advertisements(packets, "a group"));
}

TEST_F(Wire, CorrectsWhatNeighboursBelieve) {
    for (const char* host : {gateway, neighbour}) believe_wrongly(host);
    expect(Exit::success, call_("start"));
    for (const char* host : {gateway, neighbour}) {
        EXPECT_LT(until([&] { return believes_us(host); }, Milliseconds(500)), 500) << host;
        must({"ip", "netns", "exec", host, "ping", "-c1", "-W2", "192.0.2.10"});
        must({"ip", "netns", "exec", host, "ping", "-c1", "-W2", "2001:db8::10"});
    }
}

// A change of the entry a moment ago: within its locktime Linux takes no ordinary answer.
TEST_F(Wire, CorrectsAGatewayThatLearntAMomentAgo) {
    must({"ip", "netns", "exec", gateway, "sh", "-c",
          "echo 1000 >/proc/sys/net/ipv4/neigh/eth0/locktime"});
    believe_wrongly(gateway);
    expect(Exit::success, call_("start"));
    EXPECT_LT(until([] { return believes_us(gateway); }, Milliseconds(500)), 500);
}

TEST_F(Wire, CorrectsAGatewayThatIgnoresBroadcasts) {
    learn_gateways();
    filter_gateway("netdev",
                   "type filter hook ingress device eth0 priority 0; "
                   "meta pkttype { broadcast, multicast } drop;");
    believe_wrongly(gateway);
    expect(Exit::success, call_("start"));
    EXPECT_LT(until([] { return believes_us(gateway); }, Milliseconds(500)), 500);
}

TEST_F(Wire, CorrectsAGatewayThatTakesOnlyReplies) {
    learn_gateways();
    filter_gateway("arp", "type filter hook input priority 0; arp operation request drop;");
    believe_wrongly(gateway);
    expect(Exit::success, call_("start"));
    EXPECT_LT(until([] { return believes_us(gateway); }, Milliseconds(500)), 500);
}

TEST_F(Wire, SaysNothingOfAnAddressThatWasTakenAway) {
    expect(Exit::success, call_("start"));
    ip("", "addr del 192.0.2.10/24 dev eth0");
    Capture capture(neighbour);
    const auto packets = capture.packets(Milliseconds(1'500));
    EXPECT_EQ(0, arp_claims(packets, 1, "everybody") + arp_claims(packets, 2, "everybody"));
    EXPECT_GE(advertisements(packets, "a group"), 1) << "the other is still there";
}

TEST_F(Wire, IsSilentAfterStop) {
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_("stop"));
    Capture capture(neighbour);
    const auto packets = capture.packets(Milliseconds(1'500));
    EXPECT_EQ(0, arp_claims(packets, 1, "everybody") + advertisements(packets, "a group"));
}

TEST_F(Wire, AReplacedAnnouncerAnnounces) {
    expect(Exit::success, call_("start"));
    announcer()->signal(SIGKILL);
    ASSERT_TRUE(announcer() == std::nullopt ||
                announcer()->wait(Deadline::after(Milliseconds(2'000))));
    Capture capture(neighbour);
    expect(Exit::success, call_.monitor());
    EXPECT_GE(arp_claims(capture.packets(Milliseconds(100)), 2, "everybody"), 1);
}

// The switch has forgotten on which port we are.
TEST_F(Wire, AnnouncesAgainWhenTheLinkIsBack) {
    expect(Exit::success, call_("start"));
    ::usleep(5'200'000);  // the first rounds are over
    unplug();
    ::usleep(200'000);
    Capture capture(neighbour);
    plug_in();
    const auto packets = capture.packets(Milliseconds(1'000));
    EXPECT_GE(arp_claims(packets, 2, "everybody"), 1);
    EXPECT_GE(advertisements(packets, "a group"), 1);
}

// == another owner

class Contested : public Wire {
  protected:
    void add_owner() {
        ip(neighbour, "addr add 192.0.2.10/24 dev eth0");
        ip(neighbour, "addr add 2001:db8::10/64 dev eth0 nodad");
        // The kernel joins the group of an address in a work queue: until then it is deaf to it.
        EXPECT_LT(until([] { return has(ip(neighbour, "maddr show dev eth0"), "ff02::1:ff00:10"); },
                        Milliseconds(2'000)),
                  2'000);
    }
    void remove_owner() {
        ip(neighbour, "addr del 192.0.2.10/24 dev eth0");
        ip(neighbour, "addr del 2001:db8::10/64 dev eth0");
    }
    static std::string rivals() { return read_file(run_folder + "/rivals").value_or(""); }
    static std::string state() { return read_file(run_folder + "/state").value_or(""); }
};

TEST_F(Contested, TakesOverByForceAndNamesTheOther) {
    add_owner();
    expect(Exit::success, call_("start"));
    EXPECT_NE("", held("192.0.2.10"));
    const auto v4 = cat("192.0.2.10@", mac_of(neighbour)),
               v6 = cat("2001:db8::10@", mac_of(neighbour));
    EXPECT_LT(until([&] { return has(rivals(), v4) && has(rivals(), v6); }, Milliseconds(1'000)),
              1'000);
    expect(Exit::success, call_.monitor());
    EXPECT_TRUE(has(state(), cat("contested: ", v4)));
    EXPECT_TRUE(has(log(), cat("another host has 192.0.2.10, too: ", mac_of(neighbour))));
    // The gateway hears the one last that insists.
    EXPECT_LT(until([] { return believes_us(gateway); }, Milliseconds(2'000)), 2'000);
    remove_owner();
    EXPECT_LT(until([] { return rivals().empty(); }, Milliseconds(8'000)), 8'000);
    expect(Exit::success, call_.monitor());
    EXPECT_EQ("", state());
}

TEST_F(Contested, NoticesASecondOwnerThatAppearsLater) {
    expect(Exit::success, call_("start"));
    ::usleep(300'000);
    add_owner();
    EXPECT_LT(until([] { return !rivals().empty(); }, Milliseconds(6'000)), 6'000);
    remove_owner();
}

TEST_F(Contested, RefusesWhenToldTo) {
    add_owner();
    const auto refusing = with("conflict", "refuse");
    const auto ended = refusing("start");
    expect(Exit::generic, ended);
    EXPECT_TRUE(has(reason(ended), cat("another host has 192.0.2.10: ", mac_of(neighbour))));
    EXPECT_TRUE(has(reason(ended), "another host has 2001:db8::10"));
    EXPECT_EQ("", held("192.0.2.10") + held("2001:db8::10"));
    EXPECT_EQ("", believed_mac(gateway, "192.0.2.10")) << "whoever only asks must not be learnt";
    remove_owner();
    expect(Exit::success, refusing("start"));
    // What is held already is not asked for again.
    add_owner();
    expect(Exit::success, refusing("start"));
    remove_owner();
}

// A stopped virtual machine that wakes up: the other was put there in the meantime.
TEST_F(Contested, AFrozenHolderThatWakesUpIsSilent) {
    expect(Exit::success, call_("start"));
    const auto process = announcer();
    ASSERT_TRUE(process);
    ::usleep(400'000);
    process->signal(SIGSTOP);
    add_owner();
    ip(gateway, cat("neigh replace 192.0.2.10 lladdr ", mac_of(neighbour),
                    " nud reachable dev eth0"));
    ::usleep(3'500'000);
    Capture capture(gateway);
    process->signal(SIGCONT);
    const auto packets = capture.packets(Milliseconds(2'500));
    EXPECT_EQ(0, arp_claims(packets, 1, "everybody") + arp_claims(packets, 2, "everybody"));
    EXPECT_FALSE(rivals().empty());
    EXPECT_EQ(mac_of(neighbour), believed_mac(gateway, "192.0.2.10"));
    remove_owner();
}

// == depth 10

TEST_F(Wire, ADeepMonitorWantsAnAnswerFromAGateway) {
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_.monitor(10));
    ip(gateway, "addr flush dev eth0");
    const auto ended = call_.monitor(10);
    expect(Exit::generic, ended);
    EXPECT_TRUE(has(reason(ended), "no gateway (192.0.2.1) answers 192.0.2.10"));
    expect(Exit::success, call_.monitor());
}

// == connections

// Bound to nothing but the address, so that it goes with it.
int connection_to_the_address(Fd& listener, Fd& accepted) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(8080);
    address.sin_addr.s_addr = htonl(0xc000020a);
    const auto* plain = reinterpret_cast<const sockaddr*>(&address);
    listener = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(listener.get(), plain, sizeof address) || ::listen(listener.get(), 1)) return -1;
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(client, plain, sizeof address) != 0) return -1;
    accepted = Fd(::accept(listener.get(), nullptr, nullptr));
    return client;
}

TEST_F(Wire, StopEndsConnections) {
    expect(Exit::success, call_("start"));
    Fd listener, accepted;
    const Fd client(connection_to_the_address(listener, accepted));
    ASSERT_TRUE(client);
    expect(Exit::success, call_("stop"));
    EXPECT_EQ("", held("192.0.2.10"));
    char byte;
    EXPECT_EQ(-1, ::recv(accepted.get(), &byte, 1, MSG_DONTWAIT));
    if (has(log(), "closed 0 connections")) {
        EXPECT_EQ(EAGAIN, errno) << "a kernel without SOCK_DESTROY leaves them, and no more";
        GTEST_SKIP() << "this kernel has no SOCK_DESTROY";
    }
    EXPECT_EQ(ECONNABORTED, errno);
}

}  // namespace

}  // namespace duet::test

int main(int argc, char** argv) {
    using namespace duet::test;
    testing::InitGoogleTest(&argc, argv);
    return in_sandbox([] {
        make_segment();
        return RUN_ALL_TESTS();
    });
}
