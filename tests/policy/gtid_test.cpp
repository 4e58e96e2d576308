// SPDX-License-Identifier: GPL-2.0-or-later
#include "gtid.hpp"

#include <gtest/gtest.h>

namespace duet::mysql {

namespace {

TEST(GtidPosition, IsReadAsTheServerPrintsIt) {
    EXPECT_EQ(GtidPosition{}, parse_gtid_position(""));
    EXPECT_EQ((GtidPosition{{0, {1, 4}}}), parse_gtid_position("0-1-4"));
    EXPECT_EQ((GtidPosition{{0, {1, 4}}, {7, {2, 18446744073709551615u}}}),
              parse_gtid_position("0-1-4,\n7-2-18446744073709551615"));
}

TEST(GtidPosition, AnythingElseIsNone) {
    for (const char* text : {"0", "0-1", "0-1-", "0-1-4,", ",0-1-4", "0-1-4 0-1-5", "a-1-4",
                             "0--1-4", "0-1-4-5", "4294967296-1-1", "0-1-99999999999999999999"})
        EXPECT_FALSE(parse_gtid_position(text)) << '"' << text << '"';
}

TEST(Covers, ComparesEachDomainByItsNumber) {
    struct {
        const char *position, *other;
        bool covered;
    } const rows[] = {
        {"", "", true},          {"0-1-4", "", true},           {"", "0-1-1", false},
        {"0-1-4", "0-2-4", true}, {"0-1-4", "0-1-5", false},     {"0-1-5", "0-1-4", true},
        {"0-1-5", "1-1-1", false}, {"0-1-5,1-1-1", "1-1-1", true}, {"0-1-5", "0-1-4,1-1-1", false},
        {"nonsense", "", false}, {"0-1-5", "nonsense", false},
    };
    for (const auto& row : rows)
        EXPECT_EQ(row.covered, covers(std::string(row.position), std::string(row.other)))
            << row.position << " and " << row.other;
}

}  // namespace

}  // namespace duet::mysql
