// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "policy.hpp"
#include "tree.hpp"

namespace duet::rsync_push {

namespace {

using namespace std::chrono_literals;

TEST(Outcome, EachExitCodeHasItsMeaning) {
    const std::pair<int, Outcome> table[] = {
        {0, Outcome::done},        {24, Outcome::done},    {23, Outcome::incomplete},
        {11, Outcome::incomplete}, {25, Outcome::guarded}, {5, Outcome::denied},
        {10, Outcome::away},       {12, Outcome::away},    {30, Outcome::away},
        {35, Outcome::away},       {1, Outcome::broken},   {2, Outcome::broken},
        {14, Outcome::broken},     {22, Outcome::broken},  {127, Outcome::broken},
    };
    for (const auto& [code, outcome] : table) EXPECT_EQ(outcome, outcome_of(code)) << code;
}

TEST(Limit, IsANumberOrAShare) {
    for (const char* text :
         {"", "%", "101%", "-1", "-1%", "1.5", "5 %", "half", "99999999999999999999"})
        EXPECT_FALSE(parse_limit(text)) << text;
    const std::tuple<const char*, long, long> table[] = {
        {"0", 1000, 0},  {"7", 5, 7},        {"50%", 1000, 500}, {"50%", 3, 20},
        {"0%", 1000, 0}, {"100%", 900, 900}, {"1%", 5000, 50},
    };
    for (const auto& [text, entries, allowed] : table) {
        const auto limit = parse_limit(text);
        ASSERT_TRUE(limit) << text;
        EXPECT_EQ(allowed, allowed_deletions(*limit, entries)) << text << " of " << entries;
    }
}

TEST(Judge, TheWorstTreeSpeaks) {
    const TreeResult good{"/a", Outcome::done, ""};
    EXPECT_EQ((Verdict{"complete", ""}), judge({good, good}));
    EXPECT_EQ((Verdict{"complete", ""}), judge({}));
    EXPECT_EQ((Verdict{"refused", "'/b': is empty"}),
              judge({good, {"/c", Outcome::away, "gone"}, {"/b", Outcome::guarded, "is empty"}}));
    EXPECT_EQ((Verdict{"alone", "gone"}), judge({{"", Outcome::away, "gone"}}));
    for (const auto outcome : {Outcome::incomplete, Outcome::denied, Outcome::broken})
        EXPECT_EQ("behind", judge({good, {"/b", outcome, "x"}}).state);
}

TEST(Pause, IsShortUntilAllIsWell) {
    EXPECT_EQ(20s, pause_after({"complete", ""}, false, 20s));
    EXPECT_EQ(5s, pause_after({"complete", ""}, true, 20s));
    EXPECT_EQ(5s, pause_after({"alone", ""}, false, 20s));
    EXPECT_EQ(2s, pause_after({"alone", ""}, false, 2s));
}

TEST(Showing, WaitsForTheSecondPassOfTheSameState) {
    const Verdict complete{"complete", ""}, alone{"alone", "x"}, still_alone{"alone", "y"};
    EXPECT_FALSE(is_worth_showing(complete, std::nullopt));
    EXPECT_FALSE(is_worth_showing(alone, complete));
    EXPECT_TRUE(is_worth_showing(still_alone, alone));
}

TEST(Epoch, GrowsAndIsNeverTheOtherServers) {
    for (long known = 0; known < 6; ++known)
        for (int index = 0; index < 2; ++index) {
            EXPECT_GT(next_epoch(known, index, 2), known);
            EXPECT_EQ(index, next_epoch(known, index, 2) % 2);
        }
}

TEST(Life, ComesBackAsItWasWritten) {
    const auto life = parse_life(to_text(Life{"abc", 7}));
    ASSERT_TRUE(life);
    EXPECT_EQ("abc", life->word);
    EXPECT_EQ(7, life->epoch);
    for (const char* text : {"", "abc", "abc x", "abc -1", "abc 1 2"})
        EXPECT_FALSE(parse_life(text));
}

TEST(Record, ComesBackAsItWasWritten) {
    const auto record = parse_record(to_text(Record{"abc", 7, 3, {"tree+a", "tree+b"}}));
    ASSERT_TRUE(record);
    EXPECT_EQ("abc", record->life);
    EXPECT_EQ(7, record->epoch);
    EXPECT_EQ(3, record->pass);
    EXPECT_EQ((std::vector<std::string>{"tree+a", "tree+b"}), record->changed);
    for (const char* text : {"", "abc 7\n", "abc 7 x\n", "abc 7 3"})
        EXPECT_FALSE(parse_record(text));
}

TEST(Record, CountsForTheLifeAndThePromotionThatItNames) {
    const Life life{"abc", 7};
    EXPECT_FALSE(why_not_believed({"abc", 7, 1, {}}, life));
    EXPECT_FALSE(why_not_believed({"abc", 8, 1, {}}, life));
    EXPECT_TRUE(why_not_believed({"abc", 6, 1, {}}, life));
    EXPECT_TRUE(why_not_believed({"abd", 8, 1, {}}, life));
}

TEST(ReceiverState, OpensTheGateAfterACompletePassAlone) {
    const std::tuple<Receiving, const char*> table[] = {
        {{0s, {}, false, false}, ""},
        {{0s, {}, false, true}, "stale"},  // what an earlier life said counts no more, at once
        {{0s, 0s, false, false}, ""},
        {{3s, {}, false, false}, "stale"},
        {{3s, 1s, false, false}, "pushed-back"},
        {{3s, 1s, true, false}, "refused"},
        {{900s, 300s, false, true}, "pushed-back"},
        {{900s, 301s, false, true}, "stale"},
    };
    for (const auto& [receiving, state] : table)
        EXPECT_EQ(state, receiver_state(receiving, 300s))
            << receiving.age.count() << ' ' << receiving.hook_refused;
}

TEST(Trees, AreReadAsPathAndHook) {
    const auto trees =
        parse_trees({"/srv/a", "/srv/b=nginx", "/etc/php=/usr/bin/hook"}, {"/run/duet"});
    EXPECT_TRUE(trees.problems.empty());
    ASSERT_EQ(3u, trees.all.size());
    EXPECT_EQ("/srv/b", trees.all[1].path);
    EXPECT_EQ("nginx", trees.all[1].hook);
    EXPECT_EQ("/usr/bin/hook", trees.all[2].hook);
}

TEST(Trees, AreRefusedWithASentenceForEachWord) {
    for (const char* word :
         {"srv", "/", "/srv/", "//srv", "/a/../b", "/a/.", "/a/./b", "/%HOME%", "/a\"b", "/a'b",
          "/a#b", "/a=", "/a=apache", "/a=x/y", "/run/duet", "/run", "/run/duet/x", "/a\nb"}) {
        const auto trees = parse_trees({word}, {"/run/duet"});
        EXPECT_EQ(1u, trees.problems.size()) << word;
        EXPECT_TRUE(trees.all.empty()) << word;
    }
    EXPECT_EQ(1u, parse_trees({"/srv", "/srv/www"}, {}).problems.size());
    EXPECT_EQ(1u, parse_trees({"/srv/www", "/srv"}, {}).problems.size());
    EXPECT_TRUE(parse_trees({"/srv/www", "/srv/www2"}, {}).problems.empty());
}

TEST(ModuleName, IsNeverTheSameForTwoPaths) {
    EXPECT_EQ("tree+var+www+html", module_name("/var/www/html"));
    EXPECT_EQ("tree+a=2Bb", module_name("/a+b"));
    EXPECT_NE(module_name("/a/b"), module_name("/a+b"));
    EXPECT_NE(module_name("/a=2Fb"), module_name("/a/b"));
    EXPECT_EQ("tree+=C3=A4", module_name("/\xC3\xA4"));
}

}  // namespace

}  // namespace duet::rsync_push
