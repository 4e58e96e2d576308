// SPDX-License-Identifier: GPL-2.0-or-later
#include "divergence.hpp"

#include <gtest/gtest.h>

namespace duet::mysql {

namespace {

GtidState state(const std::string& text) { return parse_gtid_state(text).value(); }

std::string missing(const std::string& theirs, const std::string& ours) {
    return name_some(missing_in(state(theirs), state(ours)), 10);
}

TEST(Divergence, AStateHasALastTransactionForEachDomainAndServer) {
    EXPECT_EQ((GtidState{{{0, 1}, 5}, {{0, 2}, 7}, {{3, 1}, 2}}), state("0-1-5,0-2-7, 3-1-2"));
    EXPECT_EQ((GtidState{{{0, 1}, 5}}), state("0-1-4,0-1-5,0-1-3"));
    EXPECT_EQ(GtidState{}, state(""));
    for (const char* bad : {"0", "0-1", "0-1-", "0-1-x", "x", "0-1-2;0-1-3"})
        EXPECT_FALSE(parse_gtid_state(bad)) << bad;
}

TEST(Divergence, WhatIsMissingIsNamed) {
    EXPECT_EQ("", missing("0-1-5", "0-1-5"));
    EXPECT_EQ("", missing("0-1-5,0-2-9", "0-1-4")) << "an older position";
    EXPECT_EQ("", missing("0-1-5", "")) << "an empty server has nothing of its own";
    EXPECT_EQ("0-1-6", missing("0-1-5", "0-1-6"));
    EXPECT_EQ("0-2-6", missing("0-1-9", "0-2-6")) << "a higher number of another server is no proof";
    EXPECT_EQ("7-1-1", missing("0-1-9", "0-1-3,7-1-1")) << "a domain of its own";
    EXPECT_EQ("", missing("0-1-5,0-2-6", "0-2-6"));
}

TEST(Divergence, AServerSeededAtAPositionHasWhatLiesBeforeIt) {
    const auto theirs = merged(state("0-2-12"), state("0-1-10"));
    EXPECT_TRUE(missing_in(theirs, state("0-1-10")).empty());
    EXPECT_TRUE(missing_in(merged(state("0-1-3"), state("0-1-10")), state("0-1-7")).empty());
}

TEST(Divergence, NamesAreBounded) {
    const std::vector<DomainGtid> gtids{{0, 2, 1}, {0, 2, 2}, {0, 2, 3}};
    EXPECT_EQ("0-2-1 0-2-2 0-2-3", name_some(gtids, 3));
    EXPECT_EQ("0-2-1 and 2 more", name_some(gtids, 1));
    EXPECT_EQ("", name_some({}, 3));
}

TEST(Divergence, Verdicts) {
    struct Row {
        const char* what;
        const char* ours;
        const char* theirs;  // null: the source does not answer
        bool refused, out_of_order;
        Kinship verdict;
    };
    for (const Row& row : {
             Row{"before it follows", "0-1-5", "0-1-9", false, false, Kinship::kin},
             Row{"empty", "", "0-1-9", false, false, Kinship::kin},
             Row{"one of its own", "0-2-6", "0-1-9", false, false, Kinship::diverged},
             Row{"the same, told by the source", "0-2-6", "0-1-9", true, false,
                 Kinship::diverged},
             Row{"purged", "0-1-5", "0-1-9", true, false, Kinship::too_old},
             Row{"empty beside purged logs", "", "0-1-9", true, false, Kinship::too_old},
             Row{"refused, and nobody to ask", "0-1-5", nullptr, true, false, Kinship::unknown},
             Row{"nobody to ask", "0-1-5", nullptr, false, false, Kinship::unknown},
             Row{"out of order, and nobody to ask", "0-1-5", nullptr, false, true,
                 Kinship::diverged},
             Row{"unreadable", "what", "0-1-9", true, false, Kinship::unknown},
         }) {
        KinshipView view;
        view.ours = parse_gtid_state(row.ours);
        if (row.theirs) view.theirs = parse_gtid_state(row.theirs);
        view.source_refused = row.refused;
        view.out_of_order = row.out_of_order;
        EXPECT_STREQ(to_text(row.verdict), to_text(judge(view))) << row.what;
    }
}

TEST(Divergence, AServerThatCannotFollowIsShownAsThat) {
    EXPECT_EQ("diverged", shown_state(Kinship::diverged, "broken"));
    EXPECT_EQ("too-old", shown_state(Kinship::too_old, "broken"));
    EXPECT_EQ("granted", shown_state(Kinship::kin, "granted"));
    EXPECT_EQ("outdated", shown_state(Kinship::unknown, "outdated"));
}

TEST(Divergence, VerdictsAreRemembered) {
    for (const auto kinship : {Kinship::unknown, Kinship::kin, Kinship::diverged, Kinship::too_old})
        EXPECT_EQ(kinship, parse_kinship(to_text(kinship)));
    EXPECT_EQ(Kinship::unknown, parse_kinship(""));
}

}  // namespace

}  // namespace duet::mysql
