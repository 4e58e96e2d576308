// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "service_policy.hpp"

namespace duet {

namespace {

struct Case {
    const char* name;
    StartView view;
    StartStep step;
};

class TowardStarted : public testing::TestWithParam<Case> {};

TEST_P(TowardStarted, OneStep) { EXPECT_EQ(GetParam().step, toward_started(GetParam().view)); }

INSTANTIATE_TEST_SUITE_P(
    Table, TowardStarted,
    testing::Values(
        Case{"Nothing", {}, StartStep::spawn},
        Case{"Orphans", {.orphans = true}, StartStep::end_orphans},
        Case{"OrphansOfAnEarlierMaster", {.master = true, .orphans = true}, StartStep::ask},
        Case{"SomebodyElseStartsIt", {.starting = true}, StartStep::wait},
        Case{"ComingUp", {.starting = true, .spawned = true}, StartStep::wait},
        Case{"BetweenTwoProcesses", {.spawned = true}, StartStep::wait},
        Case{"Ended", {.spawned = true, .failed = true}, StartStep::fail},
        Case{"Late", {.spawned = true, .late = true}, StartStep::fail},
        Case{"Up", {.master = true}, StartStep::ask},
        Case{"AnswersBadly", {.master = true, .asked = true}, StartStep::wait},
        Case{"AnswersBadlyForLong", {.master = true, .asked = true, .late = true}, StartStep::fail},
        Case{"Answers", {.master = true, .asked = true, .good = true}, StartStep::done},
        Case{"AnswersLate", {.master = true, .asked = true, .good = true, .late = true}, StartStep::done}),
    [](const auto& row) { return row.param.name; });

// From every view, the world doing what each step asks of it: it ends, and never spawns a second
// server beside one that is there.
TEST(TowardStarted, EveryRoadEnds) {
    for (int bits = 0; bits < 256; ++bits) {
        const auto bit = [&](int at) { return bool(bits >> at & 1); };
        StartView view{bit(0), bit(1), bit(2), bit(3), bit(4), bit(5), bit(6), bit(7)};
        for (int turn = 0;; ++turn) {
            ASSERT_LT(turn, 6) << bits;
            const auto step = toward_started(view);
            if (step == StartStep::done || step == StartStep::fail) break;
            switch (step) {
                case StartStep::end_orphans: view.orphans = false; break;
                case StartStep::spawn:
                    ASSERT_FALSE(view.master || view.starting || view.spawned || view.orphans);
                    view.spawned = view.starting = true;
                    break;
                case StartStep::ask: view.asked = view.good = true; break;
                default:
                    view.asked = false;
                    view.master = true;
            }
        }
    }
}

TEST(State, AGlanceDoesNotOverruleAnAnswer) {
    EXPECT_EQ("ok", state_after_glance(std::nullopt));
    EXPECT_EQ("ok", state_after_glance("stopped"));
    EXPECT_EQ("ok", state_after_glance("ok"));
    EXPECT_EQ("slow", state_after_glance("slow"));
    EXPECT_EQ("broken", state_after_glance("broken"));
}

TEST(State, StopLeavesWhatIsKnown) {
    EXPECT_EQ("stopped", state_after_stop("ok"));
    EXPECT_EQ("stopped", state_after_stop(std::nullopt));
    EXPECT_EQ("broken", state_after_stop("broken"));
}

TEST(State, FollowsTheAnswer) {
    EXPECT_EQ("ok", state_after_asking(Health::good));
    EXPECT_EQ("slow", state_after_asking(Health::slow));
    EXPECT_EQ("broken", state_after_asking(Health::bad));
}

TEST(Worst, KeepsTheSentencesOfTheWorst) {
    EXPECT_EQ(Health::good, worst({}).health);
    const auto verdict = worst({{Health::slow, "a"}, {Health::bad, "b"}, {Health::good, ""},
                                {Health::bad, "c"}});
    EXPECT_EQ(Health::bad, verdict.health);
    EXPECT_EQ("b; c", verdict.sentence);
}

}  // namespace

}  // namespace duet
