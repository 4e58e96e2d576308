// SPDX-License-Identifier: GPL-2.0-or-later
// Somebody moves the service on purpose.
#include "scenario.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds limit{60'000};

class Move : public Scenario {
  protected:
    void there_and_back() {
        const auto there = wall_now();
        move_away();
        run_on();
        const auto back = wall_now();
        let_return();
        run_on();
        EXPECT_EQ(2, promotions_since(there));
        turns_.push_back({there, back});
    }
    struct Turn {
        WallTime there, back;
    };
    std::vector<Turn> turns_;
};

class RepeatedMove : public Move {};

// Scenario 5: the role alone, and its way back by itself when the constraint is cleared.
TEST_F(Move, TheRoleMovesAndReturnsWithoutLoss) {
    start_load();
    there_and_back();
    const auto history = stop_load();
    const auto [there, back] = turns_.front();
    report("write gap there", history.write_gap(there, back).seconds());
    report("write gap of the failback", history.write_gap(back).seconds());
    EXPECT_LT(history.write_gap(there).seconds(), 6);
    expect_nothing_lost(history);
}

TEST_F(RepeatedMove, TheRoleMovesAndReturnsTenTimes) {
    start_load(busy());
    for (int turn = 0; turn < 10 && !HasFailure(); ++turn) there_and_back();
    const auto history = stop_load();
    for (std::size_t i = 0; i < turns_.size(); ++i) {
        const auto end = i + 1 < turns_.size() ? turns_[i + 1].there : WallTime::max();
        report(cat("write gap there, turn ", i + 1),
               history.write_gap(turns_[i].there, turns_[i].back).seconds());
        report(cat("write gap of the failback, turn ", i + 1),
               history.write_gap(turns_[i].back, end).seconds());
    }
    EXPECT_LT(history.write_gap(turns_.front().there).seconds(), 6);
    expect_nothing_lost(history);
}

TEST_F(Move, CrmMovesTheRoleToo) {
    start_load();
    active().output_of({"crm", "resource", "move", "db-clone", "b"});
    wait_until_active("b", limit);
    active().output_of({"crm", "resource", "clear", "db-clone"});
    wait_until_healthy(limit);
    expect_nothing_lost(stop_load());
}

TEST_F(Move, ANodeInStandbyLosesNothing) {
    start_load();
    const auto there = wall_now();
    active().output_of({"crm", "node", "standby", "a"});
    wait_until_active("b", limit);
    run_on();
    const auto back = wall_now();
    active().output_of({"crm", "node", "online", "a"});
    std::string announced;
    pair().wait_until("the failback to be announced", limit, [&](const ClusterStatus& now) {
        announced = now.attribute("a", "db-failback");
        return !announced.empty();
    });
    say(cat("announced for ", announced));
    wait_until_healthy(limit);
    run_on();
    EXPECT_EQ("", pair().status()->attribute("a", "db-failback"));
    const auto history = stop_load();
    report("write gap of a node standby", history.write_gap(there, back).seconds());
    report("write gap of the failback", history.write_gap(back).seconds());
    EXPECT_LT(history.write_gap(there).seconds(), 30);
    expect_nothing_lost(history);
}

}  // namespace

}  // namespace duet::lab
