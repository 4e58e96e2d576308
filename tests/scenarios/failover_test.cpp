// SPDX-License-Identifier: GPL-2.0-or-later
// The active server is lost: power, its cluster software, its management controller.
#include <csignal>

#include "attribute_writes.hpp"
#include "scenario.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds take_over{45'000};  // ten times what it aims at, as a hang detector
constexpr Milliseconds back_again{120'000};

class Failover : public Scenario {
  protected:
    void cut_and_return();
};

class RepeatedFailover : public Failover {};

void report_phases(const Timeline& line, WallTime since) {
    const auto phase = [since](const char* what, const std::optional<WallTime>& when) {
        EXPECT_TRUE(when) << what << " does not stand in the logs";
        if (when) std::cout << "    " << what << " after " << seconds_between(since, *when) << " s\n";
    };
    phase("detected", line.detected);
    phase("fencing asked", line.fencing_asked);
    phase("fenced", line.fenced);
    phase("promoted", line.promoted);
    phase("addresses up", line.addresses_up);
    phase("first write", line.first_write);
    phase("first page", line.first_page);
}

// All five agents together: what stood there before the failure is what decides.
void expect_no_writes_before_promotion(const Pair& pair, const std::string& survivor,
                                       WallTime since) {
    const auto asked = promotion_asked(pair, since);
    ASSERT_TRUE(asked) << "nobody asked for a promotion";
    for (const auto& write : agents_writes(pair, survivor, since, *asked))
        ADD_FAILURE() << "an agent changed " << to_text(write) << " between failure and promote";
    // That the log is read at all: promote itself has something to say.
    EXPECT_FALSE(
        agents_writes(pair, survivor, *asked, *asked + std::chrono::seconds(5)).empty());
}

void Failover::cut_and_return() {
    // A new pair has still something to say, once.
    pair().wait_until("both trees of files to be compared", take_over, [](const ClusterStatus& now) {
        return now.attribute("b", "files-state") == "pushed-back";
    });
    const auto cut = wall_now();
    active().cut_power();
    wait_until_active("b", take_over);
    run_on();
    wait_until_healthy(back_again);
    run_on();
    const auto history = stop_load();
    const auto line = read_timeline(pair(), "b", cut, history);
    report_phases(line, cut);
    expect_no_writes_before_promotion(pair(), "b", cut);
    report("write gap", history.write_gap(cut).seconds());
    report("page gap", history.page_gap(cut).seconds());
    EXPECT_LT(history.write_gap(cut).seconds(), 45);
    EXPECT_EQ(2, promotions_since(cut)) << "there and back, once each";
    expect_nothing_lost(history);
}

// Scenario 1.
TEST_F(Failover, TwoEmptyServersBecomeAPair) {
    const auto now = pair().status();
    ASSERT_TRUE(now);
    EXPECT_EQ(preferred, now->where("db", "Promoted"));
    EXPECT_EQ(1, now->count("db", "Promoted"));
    EXPECT_EQ(1, now->count("db", "Unpromoted"));
    for (const auto* address : {external_vip, internal_vip}) {
        EXPECT_NE(std::string::npos, active().output_of({"ip", "-4", "addr"}).find(address));
        EXPECT_EQ(std::string::npos, standby().output_of({"ip", "-4", "addr"}).find(address));
    }
    wait_for_page_from(preferred, Milliseconds(5'000));
    start_load();
    expect_nothing_lost(stop_load());
}

TEST_F(Failover, ThePairThatPcsMakesIsTheSame) {
    pair().world().down();
    pair().create(shipped_pair_by_pcs(), say);
    wait_for_page_from(preferred, Milliseconds(5'000));
    start_load();
    const auto cut = wall_now();
    active().cut_power();
    wait_until_active("b", take_over);
    wait_until_healthy(back_again);
    EXPECT_EQ(2, promotions_since(cut)) << "there and back, once each";
    expect_nothing_lost(stop_load());
}

// Scenarios 2 and 3.
TEST_F(Failover, PowerCutLosesNothingAndTheServiceReturnsOnce) {
    start_load();
    cut_and_return();
}

TEST_F(RepeatedFailover, PowerCutLosesNothingFiveTimes) {
    for (int turn = 1; turn <= 5 && !HasFailure(); ++turn) {
        SCOPED_TRACE(cat("turn ", turn));
        start_load(busy());
        cut_and_return();
    }
}

// Scenario 7.
TEST_F(Failover, AServerWithoutClusterSoftwareIsEndedBeforeTheOtherWrites) {
    start_load();
    const auto since = wall_now();
    for (const char* program :
         {"pacemakerd", "pacemaker-execd", "pacemaker-controld", "pacemaker-attrd", "pacemaker-based",
          "pacemaker-schedulerd", "pacemaker-fenced", "mysql", "vip", "corosync"})
        active().signal(program, SIGKILL);
    EXPECT_FALSE(active().processes(database_process()).empty()) << "the server itself lives on";
    wait_until_active("b", take_over);
    run_on();
    wait_until_healthy(back_again);
    const auto history = stop_load();
    const auto line = read_timeline(pair(), "b", since, history);
    ASSERT_TRUE(line.fenced && line.promoted);
    EXPECT_LT(*line.fenced, *line.promoted);
    report("write gap", history.write_gap(since).seconds());
    expect_nothing_lost(history);
}

TEST_F(Failover, ADeadControllerMeansWaitingUntilAPersonConfirms) {
    start_load();
    pair().world().ask("bmc a dead");
    const auto cut = wall_now();
    active().cut_power();
    run_on(Milliseconds(12'000));
    EXPECT_TRUE(pair().active().empty() || pair().active() == "a") << "nobody may take over";
    EXPECT_EQ(0, promotions_since(cut));
    // What duet(7) says: only after a look that the server is really off. It takes effect when the
    // attempt under way has ended, here after the fence agent's two times 20 s.
    standby().output_of({"stonith_admin", "--confirm", "a"});
    wait_until_active("b", back_again);
    run_on();
    pair().world().ask("bmc a normal");
    active().power_on();
    wait_until_healthy(back_again);
    const auto history = stop_load();
    report("write gap, 12 s of it before the confirmation", history.write_gap(cut).seconds());
    expect_nothing_lost(history);
}

}  // namespace

}  // namespace duet::lab
