// SPDX-License-Identifier: GPL-2.0-or-later
// The vip agent and the kernel: addresses, links, processes. What it says on the wire is in
// vip_wire_test.cpp.
#include <gtest/gtest.h>

#include <csignal>

#include "vip_fixture.hpp"

namespace duet::test {

namespace {

TEST_F(Vip, HoldsAllAndStartsAndStopsTwice) {
    for (int turn = 0; turn < 2; ++turn) {
        expect(Exit::success, call_("start"));
        expect(Exit::success, call_("start"));
        EXPECT_TRUE(has(held("192.0.2.10"), "192.0.2.10/24 brd 192.0.2.255"));
        expect(Exit::success, call_.monitor());
        expect(Exit::success, call_("stop"));
        expect(Exit::success, call_("stop"));
        EXPECT_EQ("", held("192.0.2.10") + held("2001:db8::10"));
        expect(Exit::not_running, call_("monitor"));
    }
}

// Duplicate detection would keep it unusable for a second; and what the server itself begins must
// not come from an address that goes.
TEST_F(Vip, HoldsIPv6AtOnceAndNotAsItsOwnSource) {
    expect(Exit::success, call_("start"));
    const auto line = held("2001:db8::10");
    EXPECT_TRUE(has(line, "nodad"));
    EXPECT_TRUE(has(line, "deprecated"));
    EXPECT_EQ(std::string::npos, line.find("tentative"));
    EXPECT_TRUE(has(ip("", "-6 route get 2001:db8::1"), "src 2001:db8::11"));
    expect(Exit::success, call_("stop"));
    expect(Exit::success, with("source_address", "true")("start"));
    EXPECT_EQ(std::string::npos, held("2001:db8::10").find("deprecated"));
}

TEST_F(Vip, HoldsNoneWhenOneCannotBeHad) {
    must({"sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/eth1/disable_ipv6"});
    const auto call =
        with("addresses", "192.0.2.10/24 198.51.100.7/32@eth1 2001:db8:1::10/64@eth1");
    const auto ended = call("start");
    must({"sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/eth1/disable_ipv6"});
    expect(Exit::args, ended);
    EXPECT_TRUE(has(reason(ended), "2001:db8:1::10"));
    EXPECT_EQ("", held("192.0.2.10") + held("198.51.100.7"));
    expect(Exit::not_running, call("monitor"));
    expect(Exit::success, call("stop"));
}

// What was there before is not given back: it was not taken.
TEST_F(Vip, GivesBackOnlyWhatItTook) {
    ip("", "addr add 192.0.2.10/24 dev eth0");
    const auto ended = with("addresses", "192.0.2.10/24 192.0.2.20/24@eth7")("start");
    expect(Exit::args, ended);
    EXPECT_TRUE(has(reason(ended), "eth7"));
    EXPECT_NE("", held("192.0.2.10"));
    EXPECT_EQ("", held("192.0.2.20"));
}

TEST_F(Vip, NamesAMissingInterface) {
    const auto call = with("addresses", "192.0.2.10/24@eth7");
    const auto ended = call("start");
    expect(Exit::args, ended);
    EXPECT_TRUE(has(reason(ended), "no interface 'eth7'"));
    expect(Exit::not_running, call("monitor"));
    expect(Exit::success, call("stop"));
}

TEST_F(Vip, TakesTheInterfaceNamedForThisNode) {
    auto call = with("addresses", "192.0.2.10/24@here=eth1,there=eth7");
    call.environment.push_back("OCF_RESKEY_CRM_meta_on_node=here");
    expect(Exit::success, call("start"));
    EXPECT_TRUE(has(held("192.0.2.10"), "eth1"));
    expect(Exit::success, call("stop"));
}

// 5 would be "not installed" and ban the server for ever.
TEST_F(Vip, FailsWithoutCarrier) {
    expect(Exit::success, call_("start"));
    unplug();
    auto ended = call_.monitor();
    expect(Exit::generic, ended);
    EXPECT_TRUE(has(reason(ended), "'eth0'"));
    expect(Exit::success, with("check_link", "false").monitor());
    expect(Exit::success, call_("stop"));
    ended = call_("start");
    expect(Exit::generic, ended);
    EXPECT_TRUE(has(reason(ended), "'eth0'"));
    EXPECT_EQ("", held("192.0.2.10"));
}

TEST_F(Vip, FailsWhenTheInterfaceIsSwitchedOff) {
    const auto call = with("addresses", "10.0.0.10/24");
    expect(Exit::success, call("start"));
    ip("", "link set eth1 down");
    const auto ended = call.monitor();
    ip("", "link set eth1 up");
    expect(Exit::generic, ended);
    EXPECT_TRUE(has(reason(ended), "'eth1' is switched off"));
    expect(Exit::success, call("stop"));
}

TEST_F(Vip, FailsWithAWrongPrefixAndStartRepairsIt) {
    expect(Exit::success, call_("start"));
    ip("", "addr del 192.0.2.10/24 dev eth0");
    ip("", "addr add 192.0.2.10/16 dev eth0");
    const auto ended = call_.monitor();
    expect(Exit::generic, ended);
    EXPECT_EQ("found 192.0.2.10/16 on 'eth0', expected /24 on 'eth0'", reason(ended));
    expect(Exit::generic, call_("monitor"));
    expect(Exit::success, call_("start"));
    EXPECT_TRUE(has(held("192.0.2.10"), "192.0.2.10/24"));
    expect(Exit::success, call_.monitor());
}

TEST_F(Vip, FailsOnAWrongInterfaceAndStartRepairsIt) {
    expect(Exit::success, call_("start"));
    ip("", "addr del 192.0.2.10/24 dev eth0");
    ip("", "addr add 192.0.2.10/24 dev eth1");
    const auto ended = call_.monitor();
    expect(Exit::generic, ended);
    EXPECT_TRUE(has(reason(ended), "192.0.2.10/24 on"));
    expect(Exit::success, call_("start"));
    EXPECT_TRUE(has(held("192.0.2.10"), "eth0"));
    EXPECT_EQ(std::string::npos, held("192.0.2.10").find("eth1"));
}

TEST_F(Vip, FailsWhenOneIsGoneAndIsStoppedWhenAllAre) {
    expect(Exit::success, call_("start"));
    ip("", "addr del 192.0.2.10/24 dev eth0");
    const auto ended = call_.monitor();
    expect(Exit::generic, ended);
    EXPECT_EQ("192.0.2.10 is gone", reason(ended));
    ip("", "addr del 2001:db8::10/64 dev eth0");
    expect(Exit::not_running, call_.monitor());
}

TEST_F(Vip, StopsOnWhicheverInterfaceItIs) {
    expect(Exit::success, call_("start"));
    ip("", "addr add 192.0.2.10/16 dev eth1");
    expect(Exit::success, call_("stop"));
    EXPECT_EQ("", held("192.0.2.10") + held("2001:db8::10"));
}

TEST_F(Vip, StopsWithBrokenParameters) {
    for (const char* value :
         {"192.0.2.10/99 nonsense", "192.0.2.77/24", "192.0.2.10/24@eth7", "@"}) {
        expect(Exit::success, call_("start"));
        expect(Exit::success, with("addresses", value)("stop"));
        EXPECT_EQ("", held("192.0.2.10") + held("2001:db8::10")) << value;
    }
}

TEST_F(Vip, StopsWhenTheInterfaceIsGone) {
    ip("", "link add eth5 type veth peer name eth6");
    for (const char* nic : {"eth5", "eth6"}) ip("", cat("link set ", nic, " up"));
    const auto call = with("addresses", "198.51.100.10/24@eth5");
    expect(Exit::success, call("start"));
    ip("", "link del eth5");
    expect(Exit::not_running, call.monitor());
    expect(Exit::success, call("stop"));
}

TEST_F(Vip, LeavesSecondariesOfItsSubnet) {
    const auto call = with("addresses", "198.51.100.10/24@eth1");
    expect(Exit::success, call("start"));
    ip("", "addr add 198.51.100.11/24 dev eth1");
    ASSERT_TRUE(has(held("198.51.100.11"), "secondary"));
    expect(Exit::success, call("stop"));
    EXPECT_EQ("", held("198.51.100.10"));
    EXPECT_NE("", held("198.51.100.11"));
    EXPECT_EQ("0", trim(*read_file("/proc/sys/net/ipv4/conf/eth1/promote_secondaries")));
}

// A wrong prefix is repaired by taking the address away first.
TEST_F(Vip, RepairsWithoutLosingSecondaries) {
    ip("", "addr add 198.51.100.10/16 dev eth1");
    ip("", "addr add 198.51.7.7/16 dev eth1");
    ASSERT_TRUE(has(held("198.51.7.7"), "secondary"));
    const auto call = with("addresses", "198.51.100.10/24@eth1");
    expect(Exit::success, call("start"));
    EXPECT_TRUE(has(held("198.51.100.10"), "198.51.100.10/24"));
    EXPECT_NE("", held("198.51.7.7"));
    expect(Exit::success, call("stop"));
    EXPECT_NE("", held("198.51.7.7"));
}

TEST_F(Vip, MovesNothingOnReload) {
    expect(Exit::success, call_("start"));
    const auto before = announcer();
    ASSERT_TRUE(before);
    expect(Exit::success, with("refresh", "10s")("reload-agent"));
    const auto after = announcer();
    ASSERT_TRUE(after);
    EXPECT_NE(before->pid(), after->pid());
    EXPECT_NE("", held("192.0.2.10"));
    expect(Exit::success, call_.monitor());
}

TEST_F(Vip, ReplacesAKilledAnnouncer) {
    expect(Exit::success, call_("start"));
    const auto first = announcer();
    ASSERT_TRUE(first);
    first->signal(SIGKILL);
    ASSERT_TRUE(first->wait(Deadline::after(Milliseconds(2'000))));
    expect(Exit::success, call_("monitor"));
    EXPECT_FALSE(announcer()) << "a probe changes nothing";
    expect(Exit::success, call_.monitor());
    ASSERT_TRUE(announcer());
    EXPECT_TRUE(has(log(), "the announcer was gone"));
}

TEST_F(Vip, EndsItsAnnouncerWithTheAddresses) {
    expect(Exit::success, call_("start"));
    const auto process = announcer();
    ASSERT_TRUE(process);
    expect(Exit::success, call_("stop"));
    EXPECT_TRUE(process->wait(Deadline::after(Milliseconds(2'000))));
    expect(Exit::success, call_("start"));
    const auto second = announcer();
    ASSERT_TRUE(second);
    ip("", "addr flush dev eth0");
    EXPECT_TRUE(second->wait(Deadline::after(Milliseconds(10'000))))
        << "somebody took the addresses away, and it goes on";
}

// The file with its pid is lost, as after a careless cleaning of /run.
TEST_F(Vip, FindsItsAnnouncerByItsCommandLine) {
    expect(Exit::success, call_("start"));
    const auto process = announcer();
    ASSERT_TRUE(process);
    must("rm " + run_folder + "/announcer");
    expect(Exit::success, call_("stop"));
    EXPECT_TRUE(process->wait(Deadline::after(Milliseconds(2'000))));
}

// Ten times the aim, as below.
TEST_F(Vip, StartsThePairInLessThanAFifthOfASecond) {
    const auto begin = std::chrono::steady_clock::now();
    expect(Exit::success, call_("start"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, Milliseconds(200));
}

// Ten times the aim: it tells a hang, and a cost that grows with the square.
TEST_F(Vip, StartsAHundredInLessThanASecond) {
    std::string addresses;
    for (int number = 100; number < 200; ++number) addresses += cat("192.0.2.", number, "/24 ");
    const auto call = with("addresses", addresses);
    const auto begin = std::chrono::steady_clock::now();
    expect(Exit::success, call("start"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
    EXPECT_NE("", held("192.0.2.199"));
    expect(Exit::success, call("stop"));
    EXPECT_EQ("", held("192.0.2.100") + held("192.0.2.199"));
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
