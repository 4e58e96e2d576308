// SPDX-License-Identifier: GPL-2.0-or-later
#include "link.hpp"

#include <gtest/gtest.h>

namespace duet::mysql {

namespace {

using namespace std::chrono_literals;

// From /proc/net/tcp of an active server at 10.0.0.1 whose standby is 10.0.0.2; the number of
// retransmissions is put in.
std::string line(const std::string& count, const std::string& remote = "0200000A:A3F2",
                 const std::string& local = "0100000A:0CEA", const std::string& state = "01") {
    return "   3: " + local + ' ' + remote + ' ' + state +
           " 00000000:00000000 01:00000014 000000" + count +
           "   106        0 12345 2 ffff8881 20 4 30 10 -1\n";
}

const std::string header =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n";

struct LinkCase {
    const char* name;
    std::string table;
    std::optional<std::chrono::milliseconds> silence;
};

class LinkTable : public testing::TestWithParam<LinkCase> {};

TEST_P(LinkTable, TellsHowLongNothingArrived) {
    EXPECT_EQ(GetParam().silence, unanswered_for(header + GetParam().table, "10.0.0.2", 3306));
}

INSTANTIATE_TEST_SUITE_P(
    Each, LinkTable,
    testing::Values(
        LinkCase{"Nothing", "", std::nullopt}, LinkCase{"Well", line("00"), 0ms},
        LinkCase{"Once", line("01"), 200ms}, LinkCase{"FourTimes", line("04"), 3'000ms},
        LinkCase{"ForEver", line("0F"), 819'000ms},
        LinkCase{"TheBestOneCounts", line("05") + line("00") + line("06"), 0ms},
        LinkCase{"AnotherMachine", line("04", "0300000A:A3F2"), std::nullopt},
        LinkCase{"AnotherPort", line("04", "0200000A:A3F2", "0100000A:0CEB"), std::nullopt},
        LinkCase{"NotEstablished", line("04", "0200000A:A3F2", "0100000A:0CEA", "06"), std::nullopt},
        LinkCase{"OurOwnReceiver", line("04", "0200000A:0CEA", "0100000A:A3F2"), std::nullopt},
        LinkCase{"MappedIntoIPv6",
                 line("02", "0000000000000000FFFF00000200000A:A3F2",
                      "0000000000000000FFFF00000100000A:0CEA"),
                 600ms},
        LinkCase{"CutOff", "   3: 0100000A:0CEA 0200", std::nullopt}),
    [](const auto& row) { return row.param.name; });

TEST(Link, KnowsIPv6) {
    const auto table = line("03", "000080FE00000000FF005450B6AD1DFE:A3F2",
                            "000080FE00000000FF005450B6AD1DFF:0CEA");
    EXPECT_EQ(1'400ms, unanswered_for(table, "fe80::5054:ff:fe1d:adb6", 3306));
    EXPECT_EQ(std::nullopt, unanswered_for(table, "fe80::5054:ff:fe1d:adb7", 3306));
}

TEST(Link, AsksNothingOfANameThatIsNoAddress) {
    EXPECT_EQ(std::nullopt, unanswered_for(line("04"), "db2.example.org", 3306));
}

}  // namespace

}  // namespace duet::mysql
