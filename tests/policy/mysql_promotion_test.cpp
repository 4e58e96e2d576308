// SPDX-License-Identifier: GPL-2.0-or-later
// Who may be promoted: the mysql agent's tables.
#include <gtest/gtest.h>

#include "mysql_standing.hpp"

namespace duet::mysql {

namespace {

TEST(Standing, WhatTheFileSawCountsAsMuchAsTheClaim) {
    Standing standing = last_server();
    EXPECT_FALSE(is_superseded(standing));
    standing.peer_seen = 5;
    EXPECT_TRUE(is_superseded(standing));
    standing.peer_seen = 0;
    standing.claim = Claim{5, true};
    EXPECT_TRUE(is_superseded(standing));
}

TEST(Standing, NobodyIsLastBeforeTheOtherHasSpoken) {
    EXPECT_TRUE(is_last(last_server()));
    EXPECT_FALSE(is_last(but(last_server(), [](auto& s) { s.claim.reset(); })));
    EXPECT_FALSE(is_last(but(last_server(), [](auto& s) { s.claim = Claim{4, true}; })));
}

TEST(FirstStart, ThePreferredOfTwoEmptyServersBegins) {
    const auto other = empty_server();
    const auto preferred = but(other, [](auto& s) { s.preferred = true; });
    EXPECT_TRUE(is_first_start(preferred));
    EXPECT_FALSE(is_first_start(other));
    EXPECT_FALSE(is_first_start(but(preferred, [](auto& s) { s.claim.reset(); })));
    EXPECT_FALSE(is_first_start(but(preferred, [](auto& s) { s.peer_seen = 1; })));
    EXPECT_FALSE(is_first_start(but(preferred, [](auto& s) { s.own = 1; })));
}

TEST(FirstStart, DataBeginsWhoeverIsPreferred) {
    for (const bool preferred : {false, true}) {
        auto mine = empty_server();
        mine.preferred = preferred;
        mine.has_data = true;
        EXPECT_TRUE(is_first_start(mine));
        auto theirs = empty_server();
        theirs.preferred = preferred;
        theirs.claim = Claim{0, true};
        EXPECT_FALSE(is_first_start(theirs));
        theirs.has_data = true;
        EXPECT_FALSE(is_first_start(theirs)) << "two histories";
    }
}

TEST(Promotable, OutsideAClusterOnlyWhoeverNeverHadAPeer) {
    Standing standing;
    standing.alone = true;
    EXPECT_TRUE(is_promotable(standing, Durability::lossless));
    standing.peer_seen = 3;
    EXPECT_FALSE(is_promotable(standing, Durability::lossless));
    EXPECT_NE(std::string::npos, why_not_promotable(standing).find("without a cluster"));
    EXPECT_TRUE(is_promotable(standing, Durability::async));
}

TEST(Promotable, WithoutLosslessAFollowerNeedsNoGrant) {
    auto follower = but(good_standby(), [](auto& s) { s.grant.reset(); });
    EXPECT_FALSE(is_promotable(follower, Durability::lossless));
    EXPECT_TRUE(is_promotable(follower, Durability::async));
    follower.life = "";
    EXPECT_FALSE(is_promotable(follower, Durability::async));
    EXPECT_FALSE(is_promotable(but(last_server(), [](auto& s) { s.claim.reset(); }),
                               Durability::async));
}

Standing forced_standby(int named) {
    auto standing = good_standby();
    standing.grant.reset();
    standing.peer_member = false;
    standing.force = named;
    return standing;
}

TEST(Force, CountsOnlyWhereItNamesTheHighestEpochKnown) {
    for (const int named : {0, 1, 2, 3, 4, 5}) {
        const auto standing = forced_standby(named);
        EXPECT_EQ(named == 3, is_promotable(standing, Durability::lossless)) << named;
        EXPECT_EQ(named == 3, is_by_force(standing, Durability::lossless)) << named;
    }
    EXPECT_FALSE(is_promotable(forced_standby(-1), Durability::lossless));
    EXPECT_FALSE(is_promotable(but(forced_standby(3), [](auto& s) { s.peer_member = true; }),
                               Durability::lossless));
}

TEST(Force, OfTwoServersWithHistoriesOfTheirOwnMakesOneBegin) {
    auto standing = empty_server();
    standing.has_data = standing.claim->has_data = true;
    EXPECT_FALSE(is_promotable(standing, Durability::lossless));
    standing.force = 0;
    standing.peer_member = false;
    EXPECT_TRUE(is_by_force(standing, Durability::lossless));
}

TEST(Force, IsNotNeededByWhoeverMayBePromotedAnyway) {
    EXPECT_FALSE(is_by_force(but(good_standby(), [](auto& s) { s.force = 3; }), Durability::lossless));
    EXPECT_FALSE(is_by_force(but(last_server(), [](auto& s) { s.force = 4; }), Durability::lossless));
    EXPECT_FALSE(is_by_force(forced_standby(3), Durability::async)) << "a follower needs no grant";
    EXPECT_FALSE(is_by_force(but(forced_standby(3), [](auto& s) { s.alone = true; }),
                             Durability::lossless));
}

TEST(Force, IsWorthLessThanAnyServerThatNeedsNone) {
    ScoreView view;
    view.standing = forced_standby(3);
    EXPECT_EQ(400, promotion_score(view)) << "also with a broken applier";
    EXPECT_EQ("forced", standby_state(view, false, false));
    view.standing = last_server();
    EXPECT_GT(promotion_score(view), 400);
}

// Forced over 6: an active of 6 may have acknowledged what the forced one lacks, one of 5 may not.
TEST(Force, NothingIsCutOffWhileEitherServerMayHoldWhatTheOtherLacks) {
    const auto recovers_as = [](Epoch own, Epoch seen) {
        Standing standing;
        standing.own = own;
        standing.peer_seen = seen;
        return recovery_role(standing);
    };
    EXPECT_EQ(RecoveryRole::source, recovers_as(6, Epoch(9, 6)));
    EXPECT_EQ(RecoveryRole::source, recovers_as(8, Epoch(9, 6)));
    EXPECT_EQ(RecoveryRole::replica, recovers_as(5, Epoch(9, 6)));
    EXPECT_EQ(RecoveryRole::replica, recovers_as(6, Epoch(9))) << "settled";
    EXPECT_EQ(RecoveryRole::source, recovers_as(Epoch(9, 6), 10)) << "the forced one itself";
}

TEST(Force, GoesOnWithWhatIsAppliedWhereTheRestCannotBe) {
    PromoteView view;
    view.standing = forced_standby(3);
    view.announced = view.consented = view.applier_failed = view.backlog = true;
    EXPECT_EQ(PromoteStep::write_epoch, toward_promoted(view));
    view.receiver_runs = true;
    EXPECT_EQ(PromoteStep::stop_receiver, toward_promoted(view));
    view.receiver_runs = view.applier_failed = false;
    view.applier_runs = true;
    EXPECT_EQ(PromoteStep::drain, toward_promoted(view)) << "what can be applied is";
    view.standing = good_standby();
    view.applier_runs = false;
    view.applier_failed = true;
    EXPECT_EQ(PromoteStep::refuse, toward_promoted(view));
}

TEST(NextEpoch, IsAboveBothAndNeverTheOthers) {
    for (int own = 0; own < 8; ++own)
        for (int known = 0; known < 8; ++known) {
            const int first = next_epoch(own, known, 0, 2), second = next_epoch(own, known, 1, 2);
            EXPECT_GT(first, std::max(own, known));
            EXPECT_GT(second, std::max(own, known));
            EXPECT_NE(first % 2, second % 2);
            EXPECT_LE(std::max(first, second), std::max(own, known) + 2);
        }
}

// Cutting a tail off is right only when the other was promoted since; protocol V6, V15.
TEST(Recovery, CutsOnlyWhenSuperseded) {
    EXPECT_EQ(RecoveryRole::replica, recovery_role(good_standby()));
    EXPECT_EQ(RecoveryRole::source, recovery_role(last_server()));
    EXPECT_EQ(RecoveryRole::source, recovery_role({}));
    EXPECT_EQ(RecoveryRole::source, recovery_role(but(last_server(), [](auto& s) {
                  s.claim.reset();
                  s.peer_seen = 0;
              })));
}

}  // namespace

}  // namespace duet::mysql
