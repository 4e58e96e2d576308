// SPDX-License-Identifier: GPL-2.0-or-later
// What the vip agent decides, as tables.
#include <gtest/gtest.h>

#include "policy.hpp"

namespace duet::vip {

namespace {

constexpr int eth0 = 2, eth1 = 3, vlan = 4;

Address at(const char* text) {
    return *parse_address(text);
}

Held held(const char* address, int prefix, int link) {
    Held one;
    one.address = at(address);
    one.prefix = prefix;
    one.link = link;
    return one;
}

Held secondary(const char* address, int prefix, int link) {
    auto one = held(address, prefix, link);
    one.secondary = true;
    return one;
}

Held with_dad_failed(const char* address, int prefix, int link) {
    auto one = held(address, prefix, link);
    one.dad_failed = true;
    return one;
}

// == addresses

TEST(Addresses, AreComparedAsNumbers) {
    EXPECT_EQ(at("2001:db8::10"), at("2001:0DB8:0:0:0:0:0:0010"));
    EXPECT_EQ("2001:db8::10", text_of(at("2001:0db8:0000::0010")));
    for (const char* text :
         {"", "192.0.2", "192.0.2.300", "0x7f.1", "db10", "192.0.2.1 ", "::1%lo"})
        EXPECT_FALSE(parse_address(text)) << text;
}

TEST(Addresses, ShareAPrefixToTheBit) {
    EXPECT_TRUE(share_prefix(at("192.0.2.127"), at("192.0.2.1"), 25));
    EXPECT_FALSE(share_prefix(at("192.0.2.128"), at("192.0.2.1"), 25));
    EXPECT_FALSE(share_prefix(at("192.0.2.1"), at("::c000:201"), 1));
    EXPECT_EQ(at("192.0.2.127"), last_of_subnet(at("192.0.2.1"), 25));
    EXPECT_EQ(at("2001:db8::"), first_of_subnet(at("2001:db8::1:2"), 64));
}

TEST(Addresses, ThatNoHostCanHoldAreNamed) {
    struct Row {
        const char* address;
        int prefix;
        bool usable;
    };
    for (const auto& [address, prefix, usable] :
         std::initializer_list<Row>{{"192.0.2.10", 24, true},
                                    {"192.0.2.0", 24, false},
                                    {"192.0.2.255", 24, false},
                                    {"192.0.2.255", 31, true},
                                    {"192.0.2.0", 32, true},
                                    {"0.0.0.0", 8, false},
                                    {"224.0.0.18", 24, false},
                                    {"255.255.255.255", 32, false},
                                    {"2001:db8::10", 64, true},
                                    {"ff02::1", 64, false},
                                    {"::", 64, false}})
        EXPECT_EQ(usable, !why_unusable(at(address), prefix)) << address << '/' << prefix;
}

// == links

Link working() {
    Link link;
    link.up = link.carrier = true;
    link.state = 6;
    return link;
}

TEST(Links, ThatReachNobodySayWhy) {
    EXPECT_FALSE(why_dead(working()));
    auto unknown_state = working();
    unknown_state.state = 0;
    EXPECT_FALSE(why_dead(unknown_state)) << "a driver that does not know";
    auto off = working();
    off.up = false;
    EXPECT_EQ("is switched off", why_dead(off));
    auto unplugged = working();
    unplugged.carrier = false;
    unplugged.state = 2;
    EXPECT_EQ("has no carrier", why_dead(unplugged));
    auto without_leg = working();
    without_leg.state = 3;
    EXPECT_EQ("has a lower layer that is down", why_dead(without_leg));
    auto dormant = working();
    dormant.state = 5;
    EXPECT_TRUE(why_dead(dormant));
}

struct LinkRow {
    const char* name;
    const char* address;
    std::vector<Held> held;
    int routed;
    int expected;
};

class ChooseLink : public testing::TestWithParam<LinkRow> {};

TEST_P(ChooseLink, AsTheTableSays) {
    const auto& row = GetParam();
    const std::vector<Address> own{at("192.0.2.10"), at("192.0.2.20")};
    EXPECT_EQ(row.expected, choose_link(at(row.address), own, row.held, row.routed));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ChooseLink,
    testing::Values(
        LinkRow{"OwnSubnet", "192.0.2.10", {held("192.0.2.11", 24, eth0)}, eth1, eth0},
        LinkRow{"NarrowestSubnet",
                "192.0.2.10",
                {held("192.0.2.11", 24, eth0), held("192.0.2.12", 28, vlan)},
                eth0,
                vlan},
        LinkRow{"RouteDecidesBetweenEqualSubnets",
                "192.0.2.10",
                {held("192.0.2.11", 24, eth0), held("192.0.2.12", 24, eth1)},
                eth1,
                eth1},
        LinkRow{"RouteWhereNoSubnetHasIt", "192.0.2.10", {held("10.0.0.1", 24, eth0)}, eth1, eth1},
        // A virtual address of ours says nothing about where the others belong.
        LinkRow{"OwnAddressesDoNotCount", "192.0.2.10", {held("192.0.2.20", 24, eth0)}, eth1, eth1},
        LinkRow{"WhereItAlreadyIs", "192.0.2.10", {held("192.0.2.10", 24, eth1)}, 0, eth1},
        LinkRow{"PrefixZeroHoldsNothing", "192.0.2.10", {held("10.0.0.1", 0, eth0)}, 0, 0},
        LinkRow{"Nowhere", "192.0.2.10", {}, 0, 0}),
    [](const auto& row) { return row.param.name; });

// == what is to be done

struct PlanRow {
    const char* name;
    std::vector<Want> wants;
    std::vector<Held> held;
    std::vector<Held> remove;
    std::vector<Want> add;
};

const Want v4{at("192.0.2.10"), 24, eth0}, v6{at("2001:db8::10"), 64, eth0},
    anywhere{at("192.0.2.10"), 24, 0};

class TowardHeld : public testing::TestWithParam<PlanRow> {};

TEST_P(TowardHeld, AsTheTableSays) {
    const auto& row = GetParam();
    const auto plan = toward_held(row.wants, row.held);
    EXPECT_TRUE(row.remove == plan.remove);
    EXPECT_TRUE(row.add == plan.add);
}

// Whatever is there: one plan carried out, and there is nothing more to do.
TEST_P(TowardHeld, EndsAfterOneTurn) {
    auto now = GetParam().held;
    const auto plan = toward_held(GetParam().wants, now);
    for (const auto& gone : plan.remove) std::erase(now, gone);
    for (const auto& want : plan.add) {
        Held taken;
        taken.address = want.address;
        taken.prefix = want.prefix;
        taken.link = want.link;
        now.push_back(taken);
    }
    EXPECT_TRUE(toward_held(GetParam().wants, now).done());
}

INSTANTIATE_TEST_SUITE_P(
    Table, TowardHeld,
    testing::Values(PlanRow{"NothingHeld", {v4, v6}, {}, {}, {v4, v6}},
                    PlanRow{"AllHeld",
                            {v4, v6},
                            {held("192.0.2.10", 24, eth0), held("2001:db8::10", 64, eth0)},
                            {},
                            {}},
                    PlanRow{"OneMissing", {v4, v6}, {held("192.0.2.10", 24, eth0)}, {}, {v6}},
                    PlanRow{"WrongPrefix",
                            {v4},
                            {held("192.0.2.10", 16, eth0)},
                            {held("192.0.2.10", 16, eth0)},
                            {v4}},
                    PlanRow{"WrongLink",
                            {v4},
                            {held("192.0.2.10", 24, eth1)},
                            {held("192.0.2.10", 24, eth1)},
                            {v4}},
                    PlanRow{"OnTwoLinks",
                            {v4},
                            {held("192.0.2.10", 24, eth1), held("192.0.2.10", 24, eth0)},
                            {held("192.0.2.10", 24, eth1)},
                            {}},
                    PlanRow{"AnyLinkWillDo", {anywhere}, {held("192.0.2.10", 24, eth1)}, {}, {}},
                    // The kernel keeps such an address and never uses it.
                    PlanRow{"DuplicateDetectionFailed",
                            {v6},
                            {with_dad_failed("2001:db8::10", 64, eth0)},
                            {with_dad_failed("2001:db8::10", 64, eth0)},
                            {v6}},
                    PlanRow{"StrangersStay", {v4}, {held("192.0.2.11", 24, eth0)}, {}, {v4}}),
    [](const auto& row) { return row.param.name; });

TEST(Secondaries, GoWithThePrimaryOfTheirSubnetAlone) {
    const auto primary = held("192.0.2.10", 24, eth0);
    const auto second = secondary("192.0.2.11", 24, eth0);
    EXPECT_TRUE(takes_others_along(primary, {primary}, {primary, second}));
    EXPECT_FALSE(takes_others_along(primary, {primary, second}, {primary, second}))
        << "both are to go";
    EXPECT_FALSE(takes_others_along(second, {second}, {primary, second}));
    EXPECT_FALSE(takes_others_along(primary, {primary}, {primary, held("192.0.2.11", 24, eth0)}));
    EXPECT_FALSE(
        takes_others_along(primary, {primary}, {primary, secondary("192.0.2.11", 25, eth0)}));
    EXPECT_FALSE(
        takes_others_along(primary, {primary}, {primary, secondary("192.0.2.11", 24, eth1)}));
    EXPECT_FALSE(
        takes_others_along(primary, {primary}, {primary, secondary("198.51.100.1", 24, eth0)}));
    const auto v6_primary = held("2001:db8::10", 64, eth0);
    EXPECT_FALSE(takes_others_along(v6_primary, {v6_primary}, {v6_primary, second}));
}

// == what a monitor finds

struct PresenceRow {
    const char* name;
    std::vector<Held> held;
    std::size_t right, somewhere;
    std::vector<std::string> findings;
};

class LookFor : public testing::TestWithParam<PresenceRow> {};

TEST_P(LookFor, AsTheTableSays) {
    const auto& row = GetParam();
    const auto presence = look_for({v4, v6}, row.held, {{eth0, "eth0"}, {eth1, "eth1"}});
    EXPECT_EQ(row.right, presence.right);
    EXPECT_EQ(row.somewhere, presence.somewhere);
    EXPECT_EQ(row.findings, presence.findings);
}

INSTANTIATE_TEST_SUITE_P(
    Table, LookFor,
    testing::Values(
        PresenceRow{
            "Both", {held("192.0.2.10", 24, eth0), held("2001:db8::10", 64, eth0)}, 2, 2, {}},
        PresenceRow{"Neither", {}, 0, 0, {"192.0.2.10 is gone", "2001:db8::10 is gone"}},
        PresenceRow{"WrongPrefix",
                    {held("192.0.2.10", 16, eth0), held("2001:db8::10", 64, eth0)},
                    1,
                    2,
                    {"found 192.0.2.10/16 on 'eth0', expected /24 on 'eth0'"}},
        PresenceRow{"WrongLink",
                    {held("192.0.2.10", 24, eth1), held("2001:db8::10", 64, eth0)},
                    1,
                    2,
                    {"found 192.0.2.10/24 on 'eth1', expected /24 on 'eth0'"}},
        PresenceRow{"LinkWithoutAName",
                    {held("192.0.2.10", 24, 77), held("2001:db8::10", 64, eth0)},
                    1,
                    2,
                    {"found 192.0.2.10/24 on interface 77, expected /24 on 'eth0'"}},
        PresenceRow{"SomebodyElseHasIt",
                    {held("192.0.2.10", 24, eth0), with_dad_failed("2001:db8::10", 64, eth0)},
                    1,
                    2,
                    {"the kernel gave up 2001:db8::10/64 on 'eth0': another host has it"}}),
    [](const auto& row) { return row.param.name; });

}  // namespace

}  // namespace duet::vip
