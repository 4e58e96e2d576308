// SPDX-License-Identifier: GPL-2.0-or-later
// Who may be promoted, and what each server is worth: the mysql agent's tables.
#include <gtest/gtest.h>

#include "policy.hpp"

namespace duet::mysql {

namespace {

using namespace std::chrono_literals;

Grant granted(int epoch, const std::string& life) {
    Grant grant;
    grant.epoch = epoch;
    grant.life = life;
    grant.sequence = "s1";
    return grant;
}

Grant revoked(const std::string& sequence) {
    Grant grant;
    grant.revoked = true;
    grant.sequence = sequence;
    return grant;
}

// A standby that follows the active of epoch 3, lives the life L and holds its grant.
Standing good_standby() {
    Standing standing;
    standing.own = 2;
    standing.peer_seen = 3;
    standing.claim = Claim{3, true};
    standing.has_data = standing.peer_member = true;
    standing.grant = granted(3, "L");
    standing.life = "L";
    return standing;
}

Standing last_server() {
    Standing standing = good_standby();
    standing.own = 4;
    standing.grant.reset();
    return standing;
}

Standing empty_server() {
    Standing standing;
    standing.claim = Claim{};
    standing.life = "L";
    standing.peer_member = true;
    return standing;
}

template <typename Change>
Standing but(Standing standing, Change change) {
    change(standing);
    return standing;
}

// ---- grants and claims as text ------------------------------------------------------------------

TEST(Grants, AreReadAsTheyAreWritten) {
    for (const auto& grant : {granted(7, "0a1b"), granted(0, "x"), revoked("ff")})
        EXPECT_EQ(grant, parse_grant(to_text(grant))) << to_text(grant);
}

TEST(Grants, AnythingElseIsNoGrant) {
    for (const char* text : {"", ":", "::", "7", "7:", "7:L", "7:L:", "7::s", "x:L:s", "-1:L:s",
                             "1.5:L:s", "99999999999:L:s", "none", "none:", " 7:L:s"})
        EXPECT_FALSE(parse_grant(text)) << '"' << text << '"';
}

TEST(Claims, AreReadAsTheyAreWritten) {
    for (const auto& claim : {Claim{0, false}, Claim{0, true}, Claim{12, true}})
        EXPECT_EQ(claim, parse_claim(to_text(claim))) << to_text(claim);
}

TEST(Claims, AnythingElseIsNoClaim) {
    for (const char* text : {"", "data", "5:data", "-1", "1 ", "0:Data", "99999999999", "0x1"})
        EXPECT_FALSE(parse_claim(text)) << '"' << text << '"';
}

TEST(Epochs, AreReadAsTheyAreWritten) {
    for (const auto& epoch : {Epoch(), Epoch(12), Epoch(8, 6), Epoch(1, 0)})
        EXPECT_EQ(epoch, parse_epoch(to_text(epoch))) << to_text(epoch);
    EXPECT_EQ("8/6", to_text(Epoch(8, 6)));
    for (const char* text : {"", "/", "8/", "/6", "8/6/4", "8 /6", "-8/6", "8/x"})
        EXPECT_FALSE(parse_epoch(text)) << '"' << text << '"';
}

TEST(Epochs, OfAForcedPromotionTravelInClaimsAndRevocations) {
    auto revocation = revoked("ff");
    revocation.epoch = Epoch(8, 6);
    EXPECT_EQ(revocation, parse_grant(to_text(revocation)));
    const Claim claim{Epoch(8, 6), true};
    EXPECT_EQ(claim, parse_claim(to_text(claim)));
}

// ---- standing -----------------------------------------------------------------------------------

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

struct GrantCase {
    const char* name;
    Standing standing;
    bool valid;
};
void PrintTo(const GrantCase& row, std::ostream* out) { *out << row.name; }

class GrantTable : public testing::TestWithParam<GrantCase> {};

TEST_P(GrantTable, OnlyThisEpochAndThisLifeCount) {
    EXPECT_EQ(GetParam().valid, is_granted(GetParam().standing));
    EXPECT_EQ(GetParam().valid, is_promotable(GetParam().standing, Durability::lossless));
    if (!GetParam().valid) {
        EXPECT_NE("", why_not_promotable(GetParam().standing));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Each, GrantTable,
    testing::Values(
        GrantCase{"Valid", good_standby(), true},
        GrantCase{"None", but(good_standby(), [](auto& s) { s.grant.reset(); }), false},
        GrantCase{"Revoked", but(good_standby(), [](auto& s) { s.grant = revoked("a"); }), false},
        GrantCase{"RevokedThoughAllElseFits", but(good_standby(), [](auto& s) {
                      s.grant->revoked = true;
                  }), false},
        GrantCase{"OfAnotherLife", but(good_standby(), [](auto& s) { s.life = "M"; }), false},
        GrantCase{"OfALifeThatEnded", but(good_standby(), [](auto& s) { s.life = ""; }), false},
        GrantCase{"OfNoLifeForNoLife", but(good_standby(), [](auto& s) {
                      s.life = s.grant->life = "";
                  }), false},
        GrantCase{"OlderThanThePeersEpoch", but(good_standby(), [](auto& s) {
                      s.claim = Claim{5, true};
                  }), false},
        GrantCase{"NotAboveTheOwnEpoch", but(good_standby(), [](auto& s) {
                      s.own = 3;
                      s.peer_seen = 1;
                      s.claim = Claim{3, true};
                  }), false},
        GrantCase{"NewerThanAllThatIsKnown", but(good_standby(), [](auto& s) {
                      s.grant = granted(5, "L");
                  }), true},
        GrantCase{"WithoutAClaimSinceTheStart", but(good_standby(), [](auto& s) {
                      s.claim.reset();
                  }), true}),
    [](const auto& row) { return row.param.name; });

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

// ---- score and state ----------------------------------------------------------------------------

struct ScoreCase {
    const char* name;
    ScoreView view;
    int score;
    const char* state;
};
void PrintTo(const ScoreCase& row, std::ostream* out) { *out << row.name; }

ScoreView worth(Standing standing, std::optional<Milliseconds> delay = 0ms) {
    ScoreView view;
    view.standing = std::move(standing);
    view.replicating = true;
    view.delay = delay;
    return view;
}

ScoreView late(std::optional<Milliseconds> delay) {
    auto view = worth(good_standby(), delay);
    view.was_late = true;
    return view;
}

template <typename Change>
ScoreView with(ScoreView view, Change change) {
    change(view);
    return view;
}

class ScoreTable : public testing::TestWithParam<ScoreCase> {};

TEST_P(ScoreTable, IsAsTheDesignSays) {
    EXPECT_EQ(GetParam().score, promotion_score(GetParam().view));
    if (GetParam().state) {
        EXPECT_EQ(GetParam().state, standby_state(GetParam().view, false, false));
    }
}

// Two servers with data that were never promoted under Duet; the other one is `state`.
Standing stranger(const char* state) {
    return but(empty_server(), [state](auto& s) {
        s.has_data = true;
        s.claim = Claim{0, true};
        s.peer_member = true;
        s.peer_state = state;
    });
}

const auto no_grant = but(good_standby(), [](auto& s) { s.grant.reset(); });

INSTANTIATE_TEST_SUITE_P(
    Each, ScoreTable,
    testing::Values(
        ScoreCase{"Promoted", with(worth({}), [](auto& v) { v.promoted = true; }), 1000, nullptr},
        ScoreCase{"Granted", worth(good_standby()), 900, "granted"},
        ScoreCase{"FailbackDue", with(worth(good_standby()), [](auto& v) {
                      v.failback_due = true;
                  }), 1100, "granted"},
        ScoreCase{"Last", worth(last_server()), 950, "last"},
        ScoreCase{"LastWithoutAReceiver", with(worth(last_server()), [](auto& v) {
                      v.replicating = false;
                  }), 950, "last"},
        ScoreCase{"LastWithoutAServer", worth(but(last_server(), [](auto& s) { s.life = ""; })),
                  ineligible, nullptr},
        ScoreCase{"FirstOfTwo", worth(but(empty_server(), [](auto& s) { s.preferred = true; })),
                  950, "last"},
        ScoreCase{"SecondOfTwo", worth(empty_server()), ineligible, "waiting"},
        ScoreCase{"Unrelated", worth(stranger("waiting")), ineligible, "unrelated"},
        ScoreCase{"UnrelatedToo", worth(stranger("unrelated")), ineligible, "unrelated"},
        ScoreCase{"PerhapsEmpty", worth(stranger("starting")), ineligible, "waiting"},
        ScoreCase{"NotGranted", worth(no_grant), ineligible, "outdated"},
        ScoreCase{"Broken", with(worth(good_standby()), [](auto& v) { v.replicating = false; }),
                  ineligible, "broken"},
        ScoreCase{"StillInTime", worth(good_standby(), 14'900ms), 900, "granted"},
        ScoreCase{"JustLate", worth(good_standby(), 15'100ms), 800, "behind"},
        ScoreCase{"StillLate", late(5'100ms), 800, "behind"},
        ScoreCase{"InTimeAgain", late(4'900ms), 900, "granted"},
        ScoreCase{"Late30", late(30s), 700, "behind"},
        ScoreCase{"Late60", late(60s), 600, "behind"},
        ScoreCase{"Late120", late(120s), 500, "behind"},
        ScoreCase{"DelayUnknown", worth(good_standby(), std::nullopt), 500, "behind"},
        ScoreCase{"LateIsNotForFailback", with(late(30s), [](auto& v) { v.failback_due = true; }),
                  700, "behind"},
        ScoreCase{"AsyncFollows", with(worth(no_grant), [](auto& v) {
                      v.durability = Durability::async;
                  }), 900, "following"}),
    [](const auto& row) { return row.param.name; });

TEST(State, DivergedAndRecoveringComeFirst) {
    EXPECT_EQ("diverged", standby_state(worth(good_standby()), true, false));
    EXPECT_EQ("recovering", standby_state(worth(good_standby()), true, true));
}

// ---- failback -----------------------------------------------------------------------------------

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

// With fencing a lost peer may be the one that fences, and is then promoted without our consent.
TEST(LostPeer, IsHarmlessOnlyOnceItsDeathIsCertified) {
    ActiveView view;
    view.peer_member = false;
    for (const bool granted_since : {false, true})
        for (const bool fencing : {false, true}) {
            view.granted_since_promotion = granted_since;
            view.fencing = fencing;
            view.peer_certified = false;
            EXPECT_EQ(!granted_since && !fencing, is_revoked(view)) << granted_since << fencing;
            view.peer_certified = true;
            EXPECT_TRUE(is_revoked(view)) << granted_since << fencing;
        }
}

TEST(LostPeer, MakesCommitsWaitFromTheFirstOneOnUntilItIsFenced) {
    Standing standing = good_standby();
    standing.peer_member = false;
    standing.fencing = true;
    EXPECT_TRUE(opens_waiting(standing, Durability::lossless));
    EXPECT_FALSE(opens_waiting(standing, Durability::async));
    standing.peer_certified = true;
    EXPECT_FALSE(opens_waiting(standing, Durability::lossless));
    standing.peer_certified = false;
    standing.fencing = false;
    EXPECT_FALSE(opens_waiting(standing, Durability::lossless));
    standing.peer_member = true;
    EXPECT_TRUE(opens_waiting(standing, Durability::lossless));
}

// A server that was away while the other went on alone learns it from the revocation.
TEST(Revocation, TellsTheEpochOfWhoeverRevoked) {
    Standing standing = good_standby();
    standing.own = 4;
    standing.claim = Claim{3, true};
    standing.peer_seen = 3;
    standing.grant = revoked("s2");
    standing.grant->epoch = 5;
    EXPECT_EQ(5, standing.known());
    EXPECT_TRUE(is_superseded(standing));
    EXPECT_FALSE(is_last(standing));
    EXPECT_EQ("none:5:s2", to_text(*standing.grant));
    EXPECT_EQ(standing.grant, parse_grant("none:5:s2"));
}

}  // namespace

}  // namespace duet::mysql
