// SPDX-License-Identifier: GPL-2.0-or-later
// The words of the parameter `addresses`. Here because the parser uses common/.
#include <gtest/gtest.h>

#include "entry.hpp"

namespace duet::vip {

namespace {

Entry only(const std::string& word) {
    const auto entries = parse_entries({word});
    EXPECT_TRUE(entries.problems.empty()) << entries.problems[0];
    return entries.all.empty() ? Entry() : entries.all[0];
}

TEST(Entry, NamesAddressPrefixAndInterface) {
    const auto plain = only("192.0.2.10/24");
    EXPECT_EQ("192.0.2.10", text_of(plain.address));
    EXPECT_EQ(24, plain.prefix);
    EXPECT_EQ("", plain.link_on("a"));
    EXPECT_EQ("bond0.17", only("2001:DB8::10/64@bond0.17").link_on("a"));
    EXPECT_EQ(128, only("2001:db8::10/128").prefix);
}

TEST(Entry, NamesAnInterfaceForEachNode) {
    const auto entry = only("192.0.2.10/24@a=ens18,b=eth0,br0");
    EXPECT_EQ("ens18", entry.link_on("a"));
    EXPECT_EQ("eth0", entry.link_on("b"));
    EXPECT_EQ("br0", entry.link_on("c"));
    EXPECT_EQ("", only("192.0.2.10/24@a=ens18").link_on("b"));
}

TEST(Entry, ThatCannotBeUsedIsNamedWithWhatIsWrong) {
    struct Row {
        const char* word;
        const char* says;
    };
    for (const auto& [word, says] :
         std::initializer_list<Row>{{"192.0.2.10", "prefix length is missing"},
                                    {"192.0.2.10/", "from 1 to 32"},
                                    {"192.0.2.10/0", "from 1 to 32"},
                                    {"192.0.2.10/33", "from 1 to 32"},
                                    {"2001:db8::10/129", "from 1 to 128"},
                                    {"192.0.2.10/24x", "from 1 to 32"},
                                    {"db10/24", "'db10' is no address"},
                                    {"/24", "'' is no address"},
                                    {"192.0.2.255/24", "which no server can hold"},
                                    {"192.0.2.10/24@", "'' is no name of an interface"},
                                    {"192.0.2.10/24@a/b", "'a/b' is no name"},
                                    {"192.0.2.10/24@eth0,eth1", "two interfaces"},
                                    {"192.0.2.10/24@=eth0", "node's name is missing"},
                                    {"192.0.2.10/24@a=eth0,a=eth1", "names node 'a' twice"},
                                    {"fe80::10/64", "needs an interface"}}) {
        const auto entries = parse_entries({word});
        ASSERT_EQ(1u, entries.problems.size()) << word;
        EXPECT_NE(std::string::npos, entries.problems[0].find(says)) << entries.problems[0];
        EXPECT_NE(std::string::npos, entries.problems[0].find(word)) << entries.problems[0];
    }
}

TEST(Entry, TwiceIsAProblemWhateverItLooksLike) {
    EXPECT_EQ(1u, parse_entries({"192.0.2.10/24", "192.0.2.10/25@eth1"}).problems.size());
    EXPECT_EQ(1u, parse_entries({"2001:db8::10/64", "2001:db8:0::0010/64"}).problems.size());
}

// For stop: whatever follows the address may be wrong.
TEST(Entry, GivesItsAddressWhateverFollows) {
    const auto found = addresses_in({"192.0.2.10/99", "192.0.2.11@x", "nonsense/24", "::1/"});
    ASSERT_EQ(3u, found.size());
    EXPECT_EQ("192.0.2.11", text_of(found[1]));
}

}  // namespace

}  // namespace duet::vip
