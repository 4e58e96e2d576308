// SPDX-License-Identifier: GPL-2.0-or-later
// What the protocol of the pair promises when parts of it are lost: the standby, a network, both
// servers, one after the other.
#include <algorithm>
#include <csignal>

#include "scenario.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds limit{60'000};
constexpr Milliseconds back_again{180'000};

class Loss : public Scenario {
  protected:
    // Quorum alone would keep a server down that starts without the other (wait_for_all), and nobody
    // would ask the agent. So a person says "go on without it", and the agent has to say no.
    void expect_refusal(const Node& alone, const std::vector<std::string>& states, WallTime since) {
        run_on(Milliseconds(6'000));
        alone.output_of({"corosync-cmapctl", "-s", "quorum.cancel_wait_for_all", "u8", "1"});
        pair().wait_until("the lone server to say why it waits", limit, [&](const ClusterStatus& now) {
            return std::ranges::count(states, now.attribute(alone.name(), "db-state")) > 0;
        });
        run_on(Milliseconds(5'000));
        EXPECT_EQ(0, promotions_since(since)) << alone.name();
    }
};

TEST_F(Loss, AStandbyWithoutPowerStallsCommitsUntilItIsFenced) {
    start_load(busy());
    const auto since = wall_now();
    standby().cut_power();
    wait_for_state("a", "solo", limit);
    run_on();
    wait_until_healthy(back_again);
    const auto history = stop_load();
    report("write gap", history.write_gap(since).seconds());
    EXPECT_LT(history.write_gap(since).seconds(), 36);
    EXPECT_EQ(0, promotions_since(since)) << "the active stays where it is";
    expect_nothing_lost(history);
}

TEST_F(Loss, AStandbyThatLeavesInOrderStallsNothing) {
    start_load(busy());
    const auto since = wall_now();
    active().output_of({"crm", "node", "standby", "b"});
    wait_for_state("a", "solo", limit);
    run_on();
    const auto back = wall_now();
    active().output_of({"crm", "node", "online", "b"});
    wait_until_healthy(back_again);
    const auto history = stop_load();
    report("write gap", history.write_gap(since, back).seconds());
    EXPECT_LT(history.write_gap(since, back).seconds(), 1.5) << "2 s: nobody told the active before";
    expect_nothing_lost(history);
}

TEST_F(Loss, AStandbyWhoseServerDiesIsRepairedWhileTheActiveGoesOn) {
    start_load(busy());
    const auto since = wall_now();
    ASSERT_EQ(1, standby().signal("mariadbd", SIGKILL));
    run_on(Milliseconds(6'000));
    const auto history = heal_and_stop(back_again);
    report("write gap", history.write_gap(since).seconds());
    EXPECT_LT(history.write_gap(since).seconds(), 30);
    expect_nothing_lost(history);
}

// Its connection stands, and its machine acknowledges what arrives.
TEST_F(Loss, AStandbyWhoseServerHangsIsRepairedWhileTheActiveGoesOn) {
    start_load(busy());
    const auto since = wall_now();
    ASSERT_EQ(1, standby().signal("mariadbd", SIGSTOP));
    wait_for_state("a", "solo", limit);
    // Its end takes longer than the announcement of it is believed; nobody may wait for it again.
    run_on(Milliseconds(35'000));
    ASSERT_LE(standby().signal("mariadbd", SIGKILL), 1);
    const auto ended = wall_now();
    pair().wait_until("the failure to be known", limit,
                      [](const ClusterStatus& now) { return !now.failures.empty(); });
    const auto deadline = Deadline::after(limit);
    while (!standby().processes("mariadbd").empty())
        deadline.pause(Milliseconds(50), "the end of the server that hung");
    clean_up();
    wait_for_log("a", "granted b the role", ended, limit);
    const auto history = heal_and_stop(back_again);
    report("write gap", history.write_gap(since).seconds());
    EXPECT_LT(history.write_gap(since).seconds(), 10);
    expect_nothing_lost(history);
}

// Both live and the cluster sees that; what is sent to the standby is dropped without a word.
TEST_F(Loss, AReplicationLinkThatIsCutStallsCommitsUntilTheGrantIsTakenBack) {
    start_load(busy());
    const auto since = wall_now();
    pair().world().ask("cut database");
    wait_for_state("a", "solo", limit);
    run_on();
    const auto healed = wall_now();
    pair().world().ask("heal");
    wait_for_log("a", "granted b the role", healed, limit);
    wait_until_healthy(back_again);
    run_on();
    const auto history = stop_load();
    report("write gap", history.write_gap(since, healed).seconds());
    report("write gap of the reconnection", history.write_gap(healed).seconds());
    EXPECT_LT(history.write_gap(since).seconds(), 12);
    EXPECT_EQ(0, promotions_since(since)) << "the active stays where it is";
    expect_nothing_lost(history);
}

// The writes of the time alone are on one server only. When that dies nobody may take over, and
// when it is back everything is there.
TEST_F(Loss, WhatTheActiveWroteAloneIsNeverGoneOn) {
    start_load(busy());
    pair().world().ask("bmc b boots no");
    standby().cut_power();
    wait_for_state("a", "solo", limit);
    run_on();
    pair().world().ask("bmc a boots no");
    active().cut_power();
    const auto dark = wall_now();
    standby().power_on();
    expect_refusal(standby(), {"outdated"}, dark);
    active().power_on();
    const auto history = heal_and_stop(back_again);
    expect_nothing_lost(history);
}

TEST_F(Loss, BothWithoutPowerComeBackInEitherOrder) {
    for (const std::string first : {"a", "b"}) {
        start_load(busy());
        active().cut_power();
        standby().cut_power();
        pair().node(first).power_on();
        run_on(Milliseconds(3'000));
        pair().node(other(first)).power_on();
        const auto history = heal_and_stop(back_again);
        expect_nothing_lost(history);
        if (HasFailure()) FAIL() << first << " first";
    }
}

// What it has received is not on its disk for sure, and nobody can ask the other.
TEST_F(Loss, OfTwoWithoutPowerOneAloneDoesNotBegin) {
    for (const std::string alone : {"a", "b"}) {
        start_load(busy());
        for (const auto* node : {"a", "b"}) pair().world().ask(cat("bmc ", node, " boots no"));
        active().cut_power();
        standby().cut_power();
        const auto dark = wall_now();
        pair().node(alone).power_on();
        expect_refusal(pair().node(alone), {"waiting", "outdated"}, dark);
        pair().node(other(alone)).power_on();
        expect_nothing_lost(heal_and_stop(back_again));
        if (HasFailure()) return;
    }
}

// The cluster still sees both, so it may promote the standby; it must not lack anything then.
TEST_F(Loss, AReplicationLinkCutBeforeTheActiveDies) {
    start_load(busy());
    const auto since = wall_now();
    pair().world().ask("cut database");
    run_on(Milliseconds(10'000));
    active().cut_power();
    run_on(Milliseconds(8'000));
    pair().world().ask("heal");
    const auto history = heal_and_stop(back_again);
    report("write gap", history.write_gap(since).seconds());
    expect_nothing_lost(history);
}

TEST_F(Loss, ACutBetweenTwoLivingServersLosesNothingWhoeverWins) {
    // The one whose fencing waits longer wins. Of the active's that is 2 s anyhow.
    const auto delay_fencing_of = [](const std::string& node, const std::string& span) {
        active().output_of({"crm_resource", "--resource", cat("fence-", node), "--set-parameter",
                            "pcmk_delay_base", "--parameter-value", span});
    };
    afterwards([=] { for (const auto* node : {"a", "b"}) delay_fencing_of(node, "0s"); });
    for (const std::string winner : {"a", "b"}) {
        delay_fencing_of(winner, "5s");
        delay_fencing_of(other(winner), "0s");
        start_load(busy());
        const auto cut = wall_now();
        pair().world().ask("cut ring");
        run_on(Milliseconds(12'000));
        EXPECT_EQ(winner == "b" ? 1 : 0, promotions_since(cut));
        pair().world().ask("heal");
        const auto history = heal_and_stop(back_again);
        expect_nothing_lost(history);
        if (HasFailure()) FAIL() << winner << " was to win";
    }
}

TEST_F(Loss, AServerThatHangsIsGivenUp) {
    start_load(busy());
    const auto since = wall_now();
    ASSERT_EQ(1, active().signal("mariadbd", SIGSTOP));
    wait_until_active("b", limit);
    run_on();
    const auto history = heal_and_stop(back_again);
    report("write gap", history.write_gap(since).seconds());
    EXPECT_LT(history.write_gap(since).seconds(), 60);
    expect_nothing_lost(history);
}

TEST_F(Loss, AFrozenMachineThatWakesUpIsNotTwice) {
    start_load(busy());
    const auto since = wall_now();
    pair().world().ask("bmc a delay 3000");
    active().freeze();
    run_on(Milliseconds(4'000));
    wait_until_active("b", limit);
    const auto history = heal_and_stop(back_again);
    report("write gap", history.write_gap(since).seconds());
    expect_nothing_lost(history);
}

TEST_F(Loss, APacemakerAttrdThatIsKilledIsToldEverythingAgain) {
    for (const std::string where : {"a", "b"}) {
        start_load(busy());
        ASSERT_EQ(1, pair().node(where).signal("pacemaker-attrd", SIGKILL));
        run_on(Milliseconds(15'000));
        pair().wait_until("a grant anew", limit, [&](const ClusterStatus& now) {
            return now.attribute("b", "db-state") == "granted" &&
                   now.attribute("b", "master-db") == "900";
        });
        const auto cut = wall_now();
        active().cut_power();
        wait_until_active("b", limit);
        wait_until_healthy(back_again);
        EXPECT_EQ(2, promotions_since(cut));
        expect_nothing_lost(stop_load());
        if (HasFailure()) FAIL() << "attrd of " << where;
    }
}

}  // namespace

}  // namespace duet::lab
