// SPDX-License-Identifier: GPL-2.0-or-later
// What a grant is worth, and what one server tells the other: the mysql agent's tables.
#include <gtest/gtest.h>

#include "mysql_standing.hpp"

namespace duet::mysql {

namespace {

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
