// SPDX-License-Identifier: GPL-2.0-or-later
// Servers that come back, and go away again while they do.
#include <algorithm>
#include <csignal>

#include "scenario.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds limit{60'000};
constexpr Milliseconds back_again{180'000};
// Longer than Pacemaker gives to a start.
constexpr double long_recovery = 62;

class Returns : public Scenario {
  protected:
    // The preferred server has died, the other has taken over, and the first is back as its standby.
    void lose_and_return() {
        active().cut_power();
        wait_until_active("b", limit);
        wait_for_state("a", "granted", limit);
    }
    // Stops the next mysqld of the node as soon as it works in its data directory, before it listens:
    // what a recovery of a minute looks like from outside.
    static Process hold_next_server(const Node& node) {
        const auto deadline = Deadline::after(limit);
        for (;;) {
            try {
                for (auto& server : node.processes("mariadbd")) {
                    if (!server.working_directory().ends_with("/var/lib/mysql")) continue;
                    // Not the one that only tells its options.
                    const auto line = server.command_line();
                    if (std::find(line.begin(), line.end(), "--read-only=ON") == line.end()) continue;
                    server.signal(SIGSTOP);
                    return std::move(server);
                }
            } catch (const Failure&) {
                // It is off.
            }
            deadline.pause(Milliseconds(5), cat("mysqld on ", node.name()));
        }
    }
};

// It was granted, and good for a part of failback_delay.
TEST_F(Returns, APreferredServerThatDiesBeforeItsFailbackIsWaitedForAgain) {
    start_load(busy());
    const auto since = wall_now();
    lose_and_return();
    run_on(Milliseconds(2'000));
    ASSERT_EQ(1, promotions_since(since)) << "too late to die before the failback";
    const auto again = wall_now();
    active().cut_power();
    wait_for_state("b", "solo", limit);
    run_on();
    EXPECT_EQ("b", pair().active());
    EXPECT_EQ(1, promotions_since(since));
    wait_until_healthy(back_again);
    run_on();
    EXPECT_EQ(2, promotions_since(since)) << "there and back, once each";
    const auto history = stop_load();
    report("write gap of the second death", history.write_gap(again).seconds());
    expect_nothing_lost(history);
}

// The other server is closed and this one about to open. Whichever of them the cluster has promoted
// last when it dies: nothing is lost, and the service comes back without a hand.
TEST_F(Returns, APreferredServerThatDiesJustAsTheRoleComesBack) {
    start_load(busy());
    lose_and_return();
    const auto since = wall_now();
    wait_for_log("b", "duet-mysql demoted at", since, limit);
    const auto again = wall_now();
    active().cut_power();
    wait_until_healthy(back_again);
    run_on();
    const auto history = stop_load();
    report("write gap", history.write_gap(again).seconds());
    expect_nothing_lost(history);
}

// It flaps: back so often within an hour, it stays the standby until a person has looked.
TEST_F(Returns, APreferredServerThatFlapsIsHeldBack) {
    const auto allow = [](int failbacks) {
        standby().output_of({"crm_resource", "--resource", "db", "--set-parameter", "failback_limit",
                             "--parameter-value", cat(failbacks)});
    };
    afterwards([=] { allow(0); });
    int before = 0;
    for (const auto& line : split(active().output_of({"cat", "/var/lib/mysql/duet.state"}), '\n'))
        before += line.starts_with("takeover ");
    allow(before + 1);
    start_load(busy());
    const auto since = wall_now();
    lose_and_return();
    wait_until_healthy(back_again);
    lose_and_return();
    pair().wait_until("the failback to be held back", limit, [&](const ClusterStatus& now) {
        return now.attribute("a", "db-failback").starts_with(cat("held back: ", before + 1));
    });
    run_on(Milliseconds(10'000));
    EXPECT_EQ("b", pair().active());
    EXPECT_EQ(3, promotions_since(since)) << "there, back, and there";
    allow(0);
    wait_until_healthy(back_again);
    run_on();
    EXPECT_EQ(4, promotions_since(since));
    expect_nothing_lost(stop_load());
}

// What the standby had received dies with its mysqld, and with it the grant. It may not take over,
// and the active finds everything on its own disk.
TEST_F(Returns, AnActiveThatDiesWhileTheStandbyRestarts) {
    start_load(busy());
    const auto since = wall_now();
    ASSERT_EQ(1, standby().signal("mariadbd", SIGKILL));
    active().cut_power();
    wait_for_promotion(since, limit);
    const auto history = heal_and_stop(back_again);
    EXPECT_EQ(1, promotions_since(since)) << "of the active that came back";
    report("write gap, with the boot of the active", history.write_gap(since).seconds());
    expect_nothing_lost(history);
}

TEST_F(Returns, AServerThatRecoversForAMinuteHoldsNothingUp) {
    auto options = busy();
    options.pause = Milliseconds(100);  // what is written meanwhile has to be applied afterwards
    start_load(options);
    standby().cut_power();
    const auto server = std::make_shared<Process>(hold_next_server(standby()));
    const auto held = wall_now();
    afterwards([server] { server->signal(SIGCONT); });
    wait_for_log("b", "duet-mysql mysqld is recovering", held, Milliseconds(20'000));
    report("start returned after", seconds_between(held, wall_now()));
    EXPECT_LT(seconds_between(held, wall_now()), 12);
    wait_for_state("b", "recovering", limit);
    run_on(Milliseconds(5'000));

    // A failure elsewhere is repaired at once: no action is under way that it would wait for.
    const auto masters = active().processes("/usr/sbin/nginx");
    ASSERT_FALSE(masters.empty());
    const auto killed = wall_now();
    masters.front().signal(SIGKILL);
    wait_for_log("a", "Result of start operation for nginx on a: ok", killed, limit);
    report("nginx repaired after", seconds_between(killed, wall_now()));
    EXPECT_LT(seconds_between(killed, wall_now()), 15);

    // The active dies and comes back, and the one that still recovers is not asked.
    const auto dark = wall_now();
    active().cut_power();
    wait_for_promotion(dark, limit);
    wait_until_active(preferred, limit);
    report("service back, with the boot of the active, after", seconds_between(dark, wall_now()));
    const auto now = pair().status();
    ASSERT_TRUE(now);
    EXPECT_EQ("recovering", now->attribute("b", "db-state"));
    EXPECT_EQ("-INFINITY", now->attribute("b", "master-db"));
    const auto rest = long_recovery - seconds_between(held, wall_now());
    run_on(Milliseconds(long(std::max(0.0, rest) * 1000)));
    const auto end = pair().status();
    ASSERT_TRUE(end);
    EXPECT_EQ("recovering", end->attribute("b", "db-state"));
    for (const auto& failure : end->failures) EXPECT_NE("b", failure.node) << failure.reason;
    const auto up = wall_now();
    server->signal(SIGCONT);
    wait_for_log("a", "granted b the role", up, limit);
    report("granted after the end of the recovery", seconds_between(up, wall_now()));
    wait_for_state("b", "granted", limit);
    report("in time after", seconds_between(up, wall_now()));
    EXPECT_EQ(1, promotions_since(held)) << "of the active that came back";
    const auto history = heal_and_stop(back_again);
    report("write gap of the standby's return", history.write_gap(up).seconds());
    expect_nothing_lost(history);
}

}  // namespace

}  // namespace duet::lab
