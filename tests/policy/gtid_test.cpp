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

// ---- sets -----------------------------------------------------------------------------------

const std::string one = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const std::string two = "4350f323-7565-4e59-8763-4b1b83a0ce0e";

TEST(GtidSet, IsReadAsTheServerPrintsIt) {
    struct {
        std::string text, canonical;
    } const rows[] = {
        {"", ""},
        {one + ":1", one + ":1"},
        {one + ":1-5:7-9,\n" + two + ":1-3", one + ":1-5:7-9," + two + ":1-3"},
        {one + ":7-9:1-5:6", one + ":1-9"},
        {one + ":1-5:3-8", one + ":1-8"},
        {one + ":1-5:tag_1:2-3:9:other:1", one + ":1-5," + one + ":other:1," + one + ":tag_1:2-3:9"},
        {one + ":tag_1:2-3", one + ":tag_1:2-3"},
        {"3E11FA47-71CA-11E1-9E33-C80AA9429562:TAG:1", one + ":tag:1"},
        {one + ":1," + one + ":2", one + ":1-2"},
        {one + ":18446744073709551614", one + ":18446744073709551614"},
    };
    for (const auto& row : rows) {
        const auto set = parse_gtid_set(row.text);
        ASSERT_TRUE(set) << row.text;
        EXPECT_EQ(row.canonical, to_text(*set));
    }
}

TEST(GtidSet, AnythingElseIsNone) {
    for (const auto& text :
         {one, one + ":", one + ":0", one + ":5-3", one + ":1-", one + ":-3", one + ":1-3:", one + ":tag",
          one + ":tag:", one + ":tag:other:1", one + ":1,", "," + one + ":1", one + ":1 " + two + ":1",
          one + ":1x", one.substr(1) + ":1", std::string("0-1-4"), "g" + one.substr(1) + ":1",
          one + ":99999999999999999999", one + ":1-2-3"})
        EXPECT_FALSE(parse_gtid_set(text)) << '"' << text << '"';
}

TEST(Covers, ComparesSetsByTheirIntervals) {
    struct {
        std::string set, other;
        bool covered;
    } const rows[] = {
        {"", one + ":1", false},
        {one + ":1", "", true},
        {one + ":1-5", one + ":1-5", true},
        {one + ":1-5", one + ":6", false},
        {one + ":1-5:7-9", one + ":2-3:8", true},
        {one + ":1-5:7-9", one + ":4-7", false},
        {one + ":1-5,\n" + two + ":1", two + ":1", true},
        {one + ":1-5", two + ":1", false},
        {one + ":1-5", one + ":tag:1", false},
        {one + ":tag:1-5", one + ":tag:3", true},
        {one + ":tag:1-5", one + ":1", false},
        {one + ":1-5", "0-1-1", false},
        {"0-1-5", one + ":1", false},
        {"nonsense", one + ":1", false},
    };
    for (const auto& row : rows)
        EXPECT_EQ(row.covered, covers(row.set, row.other)) << row.set << " and " << row.other;
}

TEST(Subtract, LeavesWhatTheOtherLacks) {
    struct {
        std::string set, other, rest;
    } const rows[] = {
        {one + ":1-9", "", one + ":1-9"},
        {one + ":1-9", one + ":1-9", ""},
        {one + ":1-9", one + ":3-4:8", one + ":1-2:5-7:9"},
        {one + ":3-4", one + ":1-9", ""},
        {one + ":1-3:6-8", one + ":3-6", one + ":1-2:7-8"},
        {one + ":1-3", two + ":1-3", one + ":1-3"},
        {one + ":1-3," + two + ":5", one + ":1-3", two + ":5"},
        {one + ":1:tag:1-2", one + ":1-9", one + ":tag:1-2"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(row.rest, to_text(subtract(*parse_gtid_set(row.set), *parse_gtid_set(row.other))))
            << row.set << " without " << row.other;
}

// `two` is the source.
TEST(Errant, IsWhatTheSourceLacksAndDidNotBegin) {
    struct {
        std::string own, source, rest;
    } const rows[] = {
        {"", one + ":1", ""},
        {one + ":1-3", one + ":1-3," + two + ":1", ""},
        {one + ":1-4", one + ":1-3," + two + ":1", one + ":4"},
        {one + ":1-3," + two + ":1-2", one + ":1-3," + two + ":1", ""},  // it waits there
        {two + ":tag:1", two + ":1", ""},
        {one + ":1-4," + two + ":1-2", one + ":1-3", one + ":4"},
    };
    for (const auto& row : rows) {
        const auto rest = errant(row.own, row.source, two);
        ASSERT_TRUE(rest);
        EXPECT_EQ(row.rest, to_text(*rest)) << row.own << " and " << row.source;
    }
    EXPECT_FALSE(errant("nonsense", one + ":1", two));
    EXPECT_FALSE(errant(one + ":1", "0-1-4", two));
    EXPECT_FALSE(errant(one + ":1", one + ":1", "")) << "nothing is known of the source";
}

}  // namespace

}  // namespace duet::mysql
