// SPDX-License-Identifier: GPL-2.0-or-later
// The readers of words: text, parameters, peers, option files. None of them may guess.
#include <gtest/gtest.h>

#include "option_file.hpp"
#include "parameters.hpp"
#include "peers.hpp"
#include "text.hpp"

namespace duet {

namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

// ---- text ---------------------------------------------------------------------------------------

TEST(Text, TrimsAndSplits) {
    EXPECT_EQ("a b", trim(" \t\r\na b\n "));
    EXPECT_EQ("", trim(" \n"));
    EXPECT_EQ("", trim(""));
    EXPECT_EQ((Words{"a", "b", "c"}), split_words("  a\tb\n\r c "));
    EXPECT_EQ(Words{}, split_words(" \t"));
    EXPECT_EQ((Words{"a", "", "b", ""}), split("a,,b,", ','));
    EXPECT_EQ(Words{""}, split("", ','));
    EXPECT_EQ("a, b", join({"a", "b"}, ", "));
    EXPECT_EQ("", join({}, ", "));
    EXPECT_EQ("a, a", join({"a", "a"}, ", "));
}

TEST(Integers, AreWholeWordsOrNothing) {
    const std::pair<const char*, std::int64_t> good[] = {
        {"0", 0}, {"-7", -7}, {"+7", 7}, {"007", 7}, {"9223372036854775807", INT64_MAX}};
    for (const auto& [text, value] : good) EXPECT_EQ(value, parse_integer(text)) << text;
    for (const char* text : {"", " 1", "1 ", "1.0", "0x10", "1e3", "--1", "+-1", "-", "+", "one",
                             "9223372036854775808"})
        EXPECT_FALSE(parse_integer(text)) << '"' << text << '"';
}

TEST(Booleans, AreTheWordsOfOcf) {
    for (const char* text : {"1", "yes", "TRUE", "On"}) EXPECT_EQ(true, parse_boolean(text));
    for (const char* text : {"0", "no", "False", "OFF"}) EXPECT_EQ(false, parse_boolean(text));
    for (const char* text : {"", "2", "y", "truefalse", " yes", "ja"})
        EXPECT_FALSE(parse_boolean(text)) << '"' << text << '"';
}

TEST(Durations, AreReadWithTheirUnits) {
    const std::pair<const char*, std::chrono::milliseconds> good[] = {
        {"0", 0ms},     {"30", 30s}, {"30s", 30s}, {"1sec", 1s}, {"250ms", 250ms},
        {"1msec", 1ms}, {"2m", 2min}, {"2min", 2min}, {"1h", 1h}, {"1hr", 1h}};
    for (const auto& [text, value] : good) EXPECT_EQ(value, parse_duration(text)) << text;
    for (const char* text : {"", "s", "-1s", "+1s", "1.5s", "10 s", "1d", "1S", "s1", "1s ",
                             "99999999999999999999", "9223372036854775807h", "700000h"})
        EXPECT_FALSE(parse_duration(text)) << '"' << text << '"';
}

TEST(Durations, AreWrittenAsTheyAreRead) {
    for (const auto span : {0ms, 1ms, 999ms, 1000ms, 1500ms, 30'000ms, 60'000ms, 90'000ms,
                            3'600'000ms})
        EXPECT_EQ(span, parse_duration(format_duration(span))) << format_duration(span);
}

// ---- parameters ---------------------------------------------------------------------------------

struct Config {
    std::string name = "default";
    std::string mode = "slow";
    int count = 3;
    int any = 0;
    bool flag = true;
    Milliseconds wait{1'000};
    std::vector<std::string> list{"x"};
    std::string needed;
};

Words no_both(const Config& config) {
    return config.flag && config.mode == "fast" ? Words{"'mode' and 'flag' contradict"} : Words{};
}

constexpr Parameter<Config> parameters[] = {
    {"name", &Config::name, "a name", "A name."},
    {"mode", &Config::mode, "a mode", "A mode.", {.choices = "slow fast"}},
    {"count", &Config::count, "a number", "A number.", {.least = 1, .most = 9}},
    {"any", &Config::any, "any number", "Any number."},
    {"flag", &Config::flag, "a flag", "A flag."},
    {"wait", &Config::wait, "a time", "A time."},
    {"list", &Config::list, "words", "Words."},
    {"needed", &Config::needed, "what is needed", "Needed.", {.required = true}},
};
constexpr Agent<Config> agent{"test", "short", "long", parameters, {}, no_both};

ParameterProblems read(std::map<std::string, std::string> values, Config& config) {
    return read_parameters(
        agent,
        [&](const std::string& name) -> std::optional<std::string> {
            const auto found = values.find(name.substr(std::string("OCF_RESKEY_").size()));
            if (found == values.end()) return std::nullopt;
            return found->second;
        },
        config);
}

TEST(Parameters, AreReadIntoTheirTypes) {
    Config config;
    const auto problems =
        read({{"name", " n "}, {"mode", "fast"}, {"count", "9"}, {"any", "-5"}, {"flag", "no"},
              {"wait", "2m"}, {"list", "a  b"}, {"needed", "y"}}, config);
    EXPECT_TRUE(problems.missing.empty() && problems.malformed.empty());
    EXPECT_EQ("n", config.name);
    EXPECT_EQ("fast", config.mode);
    EXPECT_EQ(9, config.count);
    EXPECT_EQ(-5, config.any);
    EXPECT_FALSE(config.flag);
    EXPECT_EQ(2min, config.wait);
    EXPECT_EQ((Words{"a", "b"}), config.list);
}

TEST(Parameters, AnEmptyOneCountsAsUnset) {
    Config config;
    const auto problems =
        read({{"name", ""}, {"count", " "}, {"list", "\t"}, {"needed", "\n"}}, config);
    EXPECT_TRUE(problems.malformed.empty());
    EXPECT_EQ(Words{"parameter 'needed' is missing: expected what is needed"}, problems.missing);
    EXPECT_EQ("default", config.name);
    EXPECT_EQ(3, config.count);
    EXPECT_EQ(Words{"x"}, config.list);
}

TEST(Parameters, AMalformedOneIsNamedAndItsDefaultStands) {
    const struct {
        const char *name, *value, *expected;
    } rows[] = {
        {"name", "two\nlines", "a single line"},
        {"mode", "medium", "one of slow, fast"},
        {"mode", "slow fast", "one of slow, fast"},
        {"count", "0", "a whole number from 1 to 9"},
        {"count", "10", "a whole number from 1 to 9"},
        {"any", "2147483648", "a whole number"},
        {"any", "1.5", "a whole number"},
        {"flag", "maybe", "true or false"},
        {"wait", "soon", "a time such as 20s, 500ms or 2m"},
    };
    for (const auto& row : rows) {
        Config config;
        const auto problems = read({{row.name, row.value}, {"needed", "y"}}, config);
        EXPECT_EQ(Words{cat("parameter '", row.name, "' is '", row.value, "': expected ",
                            row.expected)},
                  problems.malformed);
        EXPECT_EQ("default", config.name);
        EXPECT_EQ("slow", config.mode);
        EXPECT_TRUE(config.count == 3 && config.any == 0 && config.flag && config.wait == 1s);
    }
}

TEST(Parameters, ContradictionsAreLookedForOnlyWhenNothingIsMissing) {
    Config config;
    EXPECT_EQ(Words{"'mode' and 'flag' contradict"},
              read({{"mode", "fast"}, {"needed", "y"}}, config).malformed);
    Config other;
    EXPECT_TRUE(read({{"mode", "fast"}}, other).malformed.empty());
}

// ---- peers --------------------------------------------------------------------------------------

TEST(Peers, AreReadInEveryForm) {
    const struct {
        const char *word, *node, *address;
        int port;
    } rows[] = {
        {"a=10.0.0.1", "a", "10.0.0.1", 3306},
        {"a=10.0.0.1:3307", "a", "10.0.0.1", 3307},
        {"a=db.example:1", "a", "db.example", 1},
        {"a=2001:db8::1", "a", "2001:db8::1", 3306},
        {"a=[2001:db8::1]", "a", "2001:db8::1", 3306},
        {"a=[2001:db8::1]:65535", "a", "2001:db8::1", 65535},
        {"node-1.example=::1", "node-1.example", "::1", 3306},
    };
    for (const auto& row : rows) {
        const auto peer = parse_peer(row.word, 3306);
        ASSERT_TRUE(peer) << row.word;
        EXPECT_EQ(row.node, peer->node);
        EXPECT_EQ(row.address, peer->address);
        EXPECT_EQ(row.port, peer->port);
    }
}

TEST(Peers, AnythingElseIsNone) {
    for (const char* word :
         {"", "a", "=", "a=", "=10.0.0.1", "a=:3306", "a=10.0.0.1:", "a=10.0.0.1:0",
          "a=10.0.0.1:65536", "a=10.0.0.1:-1", "a=10.0.0.1:x", "a=[2001:db8::1",
          "a=[2001:db8::1]x", "a=[2001:db8::1]:", "a=[]", "a=[]:3306", "a=b=c", "a=10.0.0.1/24",
          "a=x'y", "a=x\"y", "a=x;y", "a=x\\y"})
        EXPECT_FALSE(parse_peer(word, 3306)) << word;
}

TEST(Peers, EachProblemNamesItsWord) {
    const auto peers = parse_peers({"a=10.0.0.1", "b", "a=10.0.0.3", "c=10.0.0.4"}, 3306);
    ASSERT_EQ(2u, peers.problems.size());
    EXPECT_NE(std::string::npos, peers.problems[0].find("'b'"));
    EXPECT_NE(std::string::npos, peers.problems[1].find("'a=10.0.0.3'"));
    ASSERT_NE(nullptr, peers.find("a"));
    EXPECT_EQ("10.0.0.1", peers.find("a")->address);
    EXPECT_EQ(nullptr, peers.find("b"));
    ASSERT_EQ(1u, peers.others("a").size());
    EXPECT_EQ("c", peers.others("a")[0].node);
    EXPECT_EQ(2u, peers.others("elsewhere").size());
}

// ---- option files -------------------------------------------------------------------------------

TEST(OptionFiles, AreReadAsTheServersReadThem) {
    auto file = parse_option_file(
        "stray = 1\n# comment\n; comment\n!include /etc/other\n\n[client]\n  user = duet  \r\n"
        "password=\"a # b = c\"\n'\n[ replication ]\nuser='repl'\nssl-ca = /x=y\nskip-ssl\n"
        "[client]\nuser = later\nempty =\n");
    EXPECT_EQ("later", file["client"]["user"]);
    EXPECT_EQ("a # b = c", file["client"]["password"]);
    EXPECT_EQ("", file["client"]["empty"]);
    EXPECT_EQ("repl", file["replication"]["user"]);
    EXPECT_EQ("/x=y", file["replication"]["ssl_ca"]);
    EXPECT_TRUE(file["replication"].contains("skip_ssl"));
    EXPECT_EQ("1", file[""]["stray"]);
}

TEST(OptionFiles, BrokenOnesAreReadAsFarAsTheyGo) {
    for (const char* text : {"", "[", "[]", "[client", "]", "=", "==", "[client]\n=x\n", "\n\n",
                             "[client]\nuser", "\"", "a='", "a=\""})
        EXPECT_NO_THROW(parse_option_file(text)) << text;
    EXPECT_EQ("'", parse_option_file("[client]\npassword='\n")["client"]["password"]);
    EXPECT_EQ("x", parse_option_file("[client\nuser=x\n")["client"]["user"]);
}

}  // namespace

}  // namespace duet
