// SPDX-License-Identifier: GPL-2.0-or-later
// When the service returns to the preferred server: the mysql agent's tables.
#include <gtest/gtest.h>

#include "mysql_standing.hpp"

namespace duet::mysql {

namespace {

using namespace std::chrono_literals;

FailbackView due() {
    FailbackView view;
    view.granted = view.preferred = view.caught_up = view.requirements_met = true;
    view.good_for = view.delay = 60s;
    view.limit_per_hour = 4;
    return view;
}

TEST(Failback, IsDueWhenAllHasBeenWellForTheDelay) {
    EXPECT_TRUE(is_failback_due(due()));
    auto view = due();
    view.good_for = view.delay - 1ms;
    EXPECT_FALSE(is_failback_due(view));
    view.good_for.reset();
    EXPECT_FALSE(is_failback_due(view));
}

TEST(Failback, NeedsEachCondition) {
    for (auto condition : {&FailbackView::granted, &FailbackView::preferred,
                           &FailbackView::caught_up, &FailbackView::requirements_met}) {
        auto view = due();
        view.*condition = false;
        EXPECT_FALSE(is_failback_due(view));
    }
    for (const auto wish : {Failback::manual, Failback::never}) {
        auto view = due();
        view.failback = wish;
        EXPECT_FALSE(is_failback_due(view));
    }
}

TEST(Failback, IsHeldBackByTheLimitAlone) {
    FailbackView view;
    view.limit_per_hour = 4;
    for (const int count : {0, 3, 4, 5}) {
        view.failbacks_last_hour = count;
        EXPECT_EQ(count >= 4, is_held_back(view)) << count;
    }
    view.limit_per_hour = 0;
    EXPECT_FALSE(is_held_back(view)) << "no limit";
}

TEST(Failback, OfAFlappingServerEnds) {
    auto view = due();
    view.failbacks_last_hour = 3;
    EXPECT_TRUE(is_failback_due(view));
    view.failbacks_last_hour = 4;
    EXPECT_FALSE(is_failback_due(view));
    view.limit_per_hour = 0;
    EXPECT_TRUE(is_failback_due(view));
}

}  // namespace

}  // namespace duet::mysql
