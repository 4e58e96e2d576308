// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "policy.hpp"

namespace duet::nginx {

namespace {

constexpr auto config = "/etc/nginx/nginx.conf";

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
        Title{"Ours", {"nginx: master process /usr/sbin/nginx -c /etc/nginx/nginx.conf"}, true, false, false},
        Title{"TheUnits", {"nginx: master process /usr/sbin/nginx -g daemon on; master_process on;"}, true, false, false},
        Title{"Another", {"nginx: master process nginx -c /etc/nginx/other.conf"}, false, false, false},
        Title{"LongerPath", {"nginx: master process nginx -c /etc/nginx/nginx.conf.new"}, false, false, false},
        Title{"NoPath", {"nginx: master process nginx -c"}, true, false, false},
        Title{"Padded", {"nginx: master process nginx -c /etc/nginx/nginx.conf", "", ""}, true, false, false},
        Title{"Worker", {"nginx: worker process", "", ""}, false, false, true},
        Title{"Leaving", {"nginx: worker process is shutting down"}, false, false, true},
        Title{"Cache", {"nginx: cache manager process"}, false, false, true},
        Title{"Starting", {"/usr/sbin/nginx", "-c", config}, false, true, false},
        Title{"StartingOther", {"/usr/sbin/nginx", "-c", "/etc/nginx/other.conf"}, false, false, false},
        Title{"Test", {"/usr/sbin/nginx", "-t", "-c", config}, false, false, false},
        Title{"QuietTest", {"nginx", "-tq", "-c", config}, false, false, false},
        Title{"Signaller", {"nginx", "-s", "reload"}, false, false, false},
        Title{"Nothing", {}, false, false, false}),
    [](const auto& row) { return row.param.name; });

TEST(Message, IsTheFirstComplaint) {
    EXPECT_EQ("unknown directive \"x\" in /etc/nginx/nginx.conf:3",
              message("nginx: [emerg] unknown directive \"x\" in /etc/nginx/nginx.conf:3\n"
                      "nginx: configuration file /etc/nginx/nginx.conf test failed\n"));
    EXPECT_EQ("unknown directive \"x\" in /n.conf:2",
              message("2026/11/25 01:05:56 [emerg] 67#67: unknown directive \"x\" in /n.conf:2\n"
                      "nginx: configuration file /n.conf test failed\n"));
    EXPECT_EQ("last words", message("first\nlast words\n\n"));
    EXPECT_EQ("", message(""));
}

TEST(Address, IsReadOrRefused) {
    const auto plain = parse_url("http://127.0.0.1/healthz");
    ASSERT_TRUE(plain);
    EXPECT_EQ(80, plain->port);
    EXPECT_FALSE(plain->tls);
    const auto tls = parse_url("https://www.example.com?x=1");
    ASSERT_TRUE(tls);
    EXPECT_EQ(443, tls->port);
    EXPECT_EQ("www.example.com", tls->host);
    const auto v6 = parse_url("http://[::1]:8080/");
    ASSERT_TRUE(v6);
    EXPECT_EQ("[::1]", v6->host);
    EXPECT_EQ(8080, v6->port);
    for (const char* wrong : {"", "http", "http://", "http:///x", "ftp://a/", "127.0.0.1/x",
                              "http://a:0/", "http://a:65536/", "http://a:x/", "http://a:/",
                              "http://user@a/", "://a/", "http://a:999999999999/"})
        EXPECT_FALSE(parse_url(wrong)) << wrong;
}

Page good_page() {
    Page page;
    page.url = "http://127.0.0.1/";
    page.reached = true;
    page.status = 200;
    page.took = Milliseconds(10);
    return page;
}

TEST(Judge, AcceptsWhatWasExpected) {
    EXPECT_EQ(Finding::good, judge(good_page(), {}));
    auto page = good_page();
    page.status = 301;
    EXPECT_EQ(Finding::good, judge(page, {301, "", Milliseconds(0)}));
}

TEST(Judge, NamesThePageAndWhatCame) {
    auto refused = good_page();
    refused.reached = false;
    refused.error = "Connection refused";
    auto failed = good_page();
    failed.status = 502;
    auto other = good_page();
    other.matches = false;
    other.beginning = "<html>\n" + std::string(100, 'x');
    const Expected expected{200, "ok", Milliseconds(0)};
    for (const auto& page : {refused, failed, other})
        EXPECT_EQ(Finding::bad, judge(page, expected));
    EXPECT_EQ("http://127.0.0.1/ does not answer: Connection refused", sentence(refused, expected));
    EXPECT_EQ("http://127.0.0.1/ answers with status 502, expected 200",
              sentence(failed, expected));
    EXPECT_EQ("http://127.0.0.1/ answers '<html> " + std::string(53, 'x') + "...', expected 'ok'",
              sentence(other, expected));
}

TEST(Judge, SlowIsNotBad) {
    auto page = good_page();
    page.took = Milliseconds(501);
    const Expected expected{200, "", Milliseconds(500)};
    EXPECT_EQ(Finding::slow, judge(page, expected));
    EXPECT_EQ("http://127.0.0.1/ took 501ms, slow is more than 500ms", sentence(page, expected));
    page.took = Milliseconds(500);
    EXPECT_EQ(Finding::good, judge(page, expected));
    page.took = Milliseconds(501);
    page.status = 500;
    EXPECT_EQ(Finding::bad, judge(page, expected));
    EXPECT_EQ(Finding::good, judge(good_page(), {200, "", Milliseconds(0)}));
}

}  // namespace

}  // namespace duet::nginx
