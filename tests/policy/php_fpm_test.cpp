// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "policy.hpp"

namespace duet::php_fpm {

namespace {

using Finding = Judgement::Finding;

constexpr auto config = "/etc/php/8.2/fpm/php-fpm.conf";

struct Title {
    const char* name;
    Words words;
    bool master, starting, worker;
};

class Titles : public testing::TestWithParam<Title> {};

TEST_P(Titles, AreRead) {
    const auto& title = GetParam();
    EXPECT_EQ(title.master, is_master(title.words, config));
    EXPECT_EQ(title.starting, is_starting(title.words, config));
    EXPECT_EQ(title.worker, is_worker(title.words));
}

INSTANTIATE_TEST_SUITE_P(
    Table, Titles,
    testing::Values(
        Title{"Ours", {"php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)"}, true, false, false},
        Title{"Padded", {"php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)     "}, true, false, false},
        Title{"Another", {"php-fpm: master process (/etc/php/8.2/fpm/other.conf)"}, false, false, false},
        Title{"Worker", {"php-fpm: pool www", "", ""}, false, false, true},
        Title{"Starting", {"php-fpm8.2", "-F", "-y", config}, false, true, false},
        Title{"StartedByUnit", {"php-fpm8.2", "--nodaemonize", "--fpm-config", config}, false, true, false},
        Title{"StartingOther", {"php-fpm8.2", "-F", "-y", "/other.conf"}, false, false, false},
        Title{"Test", {"php-fpm8.2", "-t", "-y", config}, false, false, false},
        Title{"Nothing", {}, false, false, false}),
    [](const auto& row) { return row.param.name; });

TEST(VersionedName, ComesFromTheConfigurationsPath) {
    EXPECT_EQ("php-fpm8.2", versioned_name("php-fpm", config));
    EXPECT_FALSE(versioned_name("/usr/sbin/php-fpm", config));
    EXPECT_FALSE(versioned_name("php-fpm", "/etc/php-fpm.conf"));
    EXPECT_FALSE(versioned_name("php-fpm", "/etc/php8/fpm.conf"));
    EXPECT_FALSE(versioned_name("php-fpm", "/srv/8x/fpm.conf"));
    EXPECT_FALSE(versioned_name("php-fpm", ""));
}

TEST(Message, IsTheFirstComplaint) {
    EXPECT_EQ("[/run/x/fpm.conf:10] unknown entry 'pingg.path'",
              message("[25-Nov-2026 01:05:56] NOTICE: hello\n"
                      "[25-Nov-2026 01:05:56] ERROR: [/run/x/fpm.conf:10] unknown entry "
                      "'pingg.path'\n[25-Nov-2026 01:05:56] ERROR: FPM initialization failed\n"));
    EXPECT_EQ("[pool www] user has not been defined",
              message("[25-Nov-2026 01:05:56] ALERT: [pool www] user has not been defined\n"));
    EXPECT_EQ("last words", message("first\nlast words\n\n"));
    EXPECT_EQ("", message(""));
}

Page page(int status, const std::string& body) {
    return {"/run/php.sock", "/ping", true, status, body, "", Milliseconds(10)};
}

TEST(JudgePing, AcceptsThePong) {
    EXPECT_EQ(Finding::good, judge_ping(page(200, "pong\n"), {"pong", Milliseconds(10), 0}).finding);
}

TEST(JudgePing, NamesThePoolAndWhatCame) {
    const Expected expected{"pong", Milliseconds(0), 0};
    auto refused = page(0, "");
    refused.reached = false;
    refused.error = "Connection refused";
    const auto silent = judge_ping(refused, expected);
    EXPECT_EQ(Finding::bad, silent.finding);
    EXPECT_EQ("'/ping' at '/run/php.sock' does not answer: Connection refused", silent.sentence);
    const auto absent = judge_ping(page(404, "File not found.\n"), expected);
    EXPECT_EQ(Finding::bad, absent.finding);
    EXPECT_EQ("'/ping' at '/run/php.sock' answers with status 404 and 'File not found.'",
              absent.sentence);
    const auto other = judge_ping(page(200, "ping"), expected);
    EXPECT_EQ(Finding::bad, other.finding);
    EXPECT_EQ("'/ping' at '/run/php.sock' answers 'ping', expected 'pong'", other.sentence);
}

TEST(JudgePing, SlowIsNotBad) {
    const auto slow = judge_ping(page(200, "pong"), {"pong", Milliseconds(9), 0});
    EXPECT_EQ(Finding::slow, slow.finding);
    EXPECT_EQ("'/ping' at '/run/php.sock' took 10ms, slow is more than 9ms", slow.sentence);
}

constexpr auto status_page =
    "pool:                 www\nstart since:          12\naccepted conn:        5\n"
    "listen queue:         3\nmax listen queue:     9\nidle processes:       0\n"
    "active processes:     20\ntotal processes:      20\n";

TEST(StatusPage, IsRead) {
    EXPECT_EQ(3, status_value(status_page, "listen queue"));
    EXPECT_EQ(20, status_value(status_page, "active processes"));
    EXPECT_FALSE(status_value(status_page, "pool"));
    EXPECT_FALSE(status_value(status_page, "slow requests"));
    EXPECT_FALSE(status_value("listen queue:", "listen queue"));
}

TEST(JudgeStatus, ALongQueueIsSlow) {
    EXPECT_EQ(Finding::good, judge_status(page(200, status_page), {"", Milliseconds(0), 0}).finding);
    EXPECT_EQ(Finding::good, judge_status(page(200, status_page), {"", Milliseconds(0), 3}).finding);
    const auto full = judge_status(page(200, status_page), {"", Milliseconds(0), 2});
    EXPECT_EQ(Finding::slow, full.finding);
    EXPECT_EQ("3 connections wait at '/run/php.sock', 20 processes are busy and 0 idle",
              full.sentence);
    EXPECT_EQ(Finding::bad, judge_status(page(200, "pong"), {"", Milliseconds(0), 0}).finding);
}

}  // namespace

}  // namespace duet::php_fpm
