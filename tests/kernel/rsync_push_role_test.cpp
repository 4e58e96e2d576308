// SPDX-License-Identifier: GPL-2.0-or-later
// The rsync-push agent as the roles change and things break.
#include <gtest/gtest.h>

#include <csignal>

#include "rsync_push_pair.hpp"
#include "text.hpp"

namespace duet::test {

namespace fs = std::filesystem;

namespace {

constexpr auto run_folder = "/run/duet/rsync-push-files";
constexpr auto listens_on_b = "160200C0:221A";  // 192.0.2.22:8730

using RsyncPushRole = PairTest;

TEST_F(RsyncPushRole, TurnsTheDirectionAround) {
    a.write("/srv/site/file", "from a");
    pair.bring_up();
    ASSERT_EQ(success, a.agent("demote").exit_code);
    ASSERT_EQ(success, b.agent("promote").exit_code);
    b.write("/srv/site/file", "from b");
    EXPECT_TRUE(eventually([&] { return a.read("/srv/site/file") == "from b"; }));
    EXPECT_TRUE(eventually([&] { return a.receiver("state") == "pushed-back"; }));
    EXPECT_EQ(success, a.monitor().exit_code);
    EXPECT_EQ(promoted, b.monitor().exit_code);
}

TEST_F(RsyncPushRole, AcceptsNothingWhilePromoted) {
    pair.bring_up();
    EXPECT_EQ(std::vector<std::string>{}, a.listening());
    EXPECT_EQ(std::vector<std::string>{listens_on_b}, b.listening());
    ASSERT_EQ(success, a.agent("stop").exit_code);
    ASSERT_EQ(success, b.agent("promote").exit_code);
    EXPECT_EQ(std::vector<std::string>{}, b.listening());
    ASSERT_EQ(success, b.agent("stop").exit_code);
    EXPECT_EQ(std::vector<std::string>{}, b.listening());
}

TEST_F(RsyncPushRole, WaitsForAPeerThatIsAway) {
    a.parameters["stale_after"] = "2s";
    pair.bring_up();
    ASSERT_EQ(success, b.agent("stop").exit_code);
    EXPECT_TRUE(a_says("alone"));
    EXPECT_TRUE(eventually([&] { return a.monitor().exit_code == int(Exit::degraded_promoted); }));
    EXPECT_NE(std::string::npos, exit_reasons(a.monitor()).at(0).find("no complete pass"));
    ASSERT_EQ(success, b.agent("start").exit_code);
    EXPECT_TRUE(a_says("complete"));
    EXPECT_TRUE(eventually([&] { return a.monitor().exit_code == promoted; }));
}

TEST_F(RsyncPushRole, NoticesThatThePusherWasKilled) {
    pair.bring_up();
    const auto pids = a.pids_with("--push");
    ASSERT_EQ(1u, pids.size());
    ::kill(pids[0], SIGKILL);
    EXPECT_TRUE(eventually([&] { return a.monitor().exit_code == int(Exit::failed_promoted); }));
    EXPECT_EQ(success, a.agent("demote").exit_code);
    EXPECT_EQ(success, a.monitor().exit_code);
    EXPECT_EQ(success, a.agent("stop").exit_code);
    EXPECT_EQ(not_running, a.monitor().exit_code);
}

TEST_F(RsyncPushRole, NoticesThatTheReceiverOrItsDaemonWasKilled) {
    const auto daemon = cat("--config=", run_folder, "/rsyncd.conf");
    ASSERT_EQ(success, b.agent("start").exit_code);
    ::kill(b.pids_with("--receive").at(0), SIGKILL);
    EXPECT_TRUE(eventually([&] { return b.monitor().exit_code == int(Exit::generic); }));
    EXPECT_EQ(1u, b.pids_with(daemon).size());
    EXPECT_EQ(success, b.agent("stop").exit_code);
    EXPECT_EQ(0u, b.pids_with(daemon).size());
    ASSERT_EQ(success, b.agent("start").exit_code);
    ::kill(b.pids_with(daemon).at(0), SIGKILL);
    EXPECT_TRUE(eventually([&] { return b.monitor().exit_code == not_running; }));
    EXPECT_EQ(success, b.agent("start").exit_code);
    EXPECT_EQ(success, b.monitor().exit_code);
    // Nor is it the receiver alone that notices the daemon's end.
    ::kill(b.pids_with("--receive").at(0), SIGSTOP);
    ::kill(b.pids_with(daemon).at(0), SIGKILL);
    EXPECT_TRUE(eventually([&] { return b.monitor().exit_code == int(Exit::generic); }));
    EXPECT_EQ(success, b.agent("stop").exit_code);
    EXPECT_EQ(0u, b.pids_with("--receive").size());
}

TEST_F(RsyncPushRole, EndsATransferThatIsUnderWay) {
    pair.bring_up();
    // The other end stands still, so that this one waits.
    for (const auto pid : b.pids_with(cat("--config=", run_folder, "/rsyncd.conf")))
        ::kill(pid, SIGSTOP);
    EXPECT_TRUE(eventually([&] { return !a.pids_with("--timeout=30").empty(); }));
    ::kill(a.pids_with("--push").at(0), SIGKILL);
    EXPECT_EQ(success, a.agent("stop").exit_code);
    EXPECT_EQ(0u, a.pids_with("--timeout=30").size());
}

TEST_F(RsyncPushRole, LeavesNoHalfFileBehind) {
    const auto half_files = [&] {
        int count = 0;
        for (const auto& entry : fs::directory_iterator(b.path("/srv/site")))
            if (entry.path().filename().native().starts_with(".large.")) ++count;
        return count;
    };
    pair.bring_up();
    a.must("tc qdisc add dev cable root tbf rate 20mbit burst 64kb latency 100ms");
    a.write("/srv/site/large", std::string(64'000'000, 'x'));
    ASSERT_TRUE(eventually([&] { return half_files() == 1; }));
    EXPECT_FALSE(b.has("/srv/site/large"));
    EXPECT_EQ(success, b.agent("promote").exit_code);
    EXPECT_EQ(0, half_files());
    EXPECT_EQ(success, a.agent("demote").exit_code);
}

TEST_F(RsyncPushRole, StopsWithoutItsFilesOfNumbers) {
    pair.bring_up();
    for (const auto* server : {&a, &b}) {
        for (const char* file : {"pusher", "receiver", "rsyncd"})
            fs::remove(server->path(cat(run_folder, '/', file)));
        EXPECT_EQ(success, server->agent("stop").exit_code);
        EXPECT_EQ(not_running, server->monitor().exit_code);
    }
    EXPECT_EQ(0u, a.pids_with("--push").size());
    EXPECT_EQ(std::vector<std::string>{}, b.listening());
}

TEST_F(RsyncPushRole, IsPushedBackInThisLifeOfTheReceiverAlone) {
    pair.bring_up();
    const auto record = a.read(cat(run_folder, "/complete"));
    ASSERT_EQ(success, a.agent("stop").exit_code);
    ASSERT_EQ(success, b.agent("stop").exit_code);
    ASSERT_EQ(success, b.agent("start").exit_code);
    EXPECT_TRUE(eventually([&] { return b.receiver("state") == "stale"; }));
    a.write("/srv/complete", record);
    a.must(
        "rsync --address=192.0.2.21 --password-file=/srv/secret /srv/complete "
        "rsync://duet@192.0.2.22:8730/record/");
    EXPECT_TRUE(eventually([&] { return !b.has(cat(run_folder, "/record/complete")); }));
    EXPECT_EQ("stale", b.receiver("state"));
    ASSERT_EQ(success, a.agent("start").exit_code);
    ASSERT_EQ(success, a.agent("promote").exit_code);
    EXPECT_TRUE(eventually([&] { return b.receiver("state") == "pushed-back"; }));
}

TEST_F(RsyncPushRole, AnOlderPromotionPushesNothing) {
    pair.bring_up();
    ASSERT_EQ(success, b.agent("stop").exit_code);
    b.write("/var/lib/duet/rsync-push-files/epoch", "98\n");
    ASSERT_EQ(success, b.agent("start").exit_code);
    a.write("/srv/site/late", "x");
    EXPECT_TRUE(a_says("refused"));
    EXPECT_NE(std::string::npos, a.pusher("words").find("promotion 98")) << a.pusher("words");
    EXPECT_FALSE(b.has("/srv/site/late"));
}

TEST_F(RsyncPushRole, KeepsAsideWhatOnlyThisServerHas) {
    a.write("/srv/site/old", "old");
    pair.bring_up();
    wait_for_two_passes();
    pair.cut_cable();
    a.write("/srv/site/sub/unsent", "only here");
    ASSERT_EQ(success, a.agent("stop").exit_code);
    ASSERT_EQ(success, b.agent("promote").exit_code);
    pair.mend_cable();
    ASSERT_EQ(success, a.agent("start").exit_code);
    const auto kept = a.path("/var/lib/duet/rsync-push-files/kept");
    ASSERT_TRUE(eventually([&] { return !a.has("/srv/site/sub/unsent"); })) << "as b has it";
    ASSERT_TRUE(fs::exists(kept));
    const auto folder = fs::directory_iterator(kept)->path();
    EXPECT_EQ(fs::perms(0700), fs::status(folder).permissions());
    EXPECT_TRUE(fs::exists(folder / "tree+srv+site/sub/unsent"));
    EXPECT_FALSE(fs::exists(folder / "tree+srv+site/old")) << "b has that";
    EXPECT_EQ(success, a.monitor().exit_code);
}

TEST_F(RsyncPushRole, PushesOnceMoreBeforeADemotion) {
    pair.bring_up();
    EXPECT_EQ(success, a.agent("stop").exit_code);
    a.parameters["interval"] = "1h";
    ASSERT_EQ(success, a.agent("start").exit_code);
    ASSERT_EQ(success, a.agent("promote").exit_code);
    ASSERT_TRUE(a_says("complete"));
    a.write("/srv/site/last", "words");
    EXPECT_EQ(success, a.agent("demote").exit_code);
    EXPECT_EQ("words", b.read("/srv/site/last"));
}

TEST_F(RsyncPushRole, RunsTheHookAfterATreeHasChanged) {
    for (auto* server : {&a, &b}) {
        server->write("/srv/hook",
                      "#!/bin/sh\necho \"$1\" >>/srv/hooked\n"
                      "! grep -q broken /srv/conf/one.conf\n");
        fs::permissions(server->path("/srv/hook"), fs::perms(0755));
        server->parameters["trees"] = "/srv/site /srv/conf=/srv/hook";
    }
    a.write("/srv/conf/one.conf", "1");
    pair.bring_up();
    EXPECT_TRUE(eventually([&] { return b.has("/srv/hooked"); })) << "nobody knows what it had";
    a.write("/srv/site/file", "not in that tree");
    wait_for_two_passes();
    EXPECT_EQ("/srv/conf\n", b.read("/srv/hooked"));
    a.write("/srv/conf/one.conf", "broken");
    EXPECT_TRUE(eventually([&] { return b.receiver("state") == "refused"; }));
    EXPECT_TRUE(eventually([&] { return b.read("/srv/conf/one.conf") == "1"; })) << "put back";
    a.write("/srv/conf/one.conf", "mended");
    EXPECT_TRUE(eventually([&] { return b.receiver("state") == "pushed-back"; }));
    EXPECT_FALSE(a.has("/srv/hooked"));
}

// A server that listens at the port that its configuration in /srv/conf names shows by that which
// configuration it runs with.

class ReloadHook : public PairTest {
  protected:
    void prepare(const std::string& hook) {
        for (auto* server : {&a, &b}) server->parameters["trees"] = "/srv/conf=" + hook;
    }
    bool b_listens(const std::string& port) {
        return eventually([&] {
            for (const auto& place : b.listening())
                if (place == "0100007F:" + port) return true;
            return false;
        });
    }
    void expect_reload(const std::string& file, const std::string& before,
                       const std::string& after) {
        a.write(file, before);
        pair.bring_up();
        a.write(file, "no configuration {");
        EXPECT_TRUE(eventually([&] { return b.receiver("state") == "refused"; }));
        EXPECT_TRUE(b_listens("1F90")) << "as before";
        EXPECT_TRUE(eventually([&] { return b.read(file) == before; })) << "put back";
        a.write(file, after);
        EXPECT_TRUE(b_listens("1F91"));
        EXPECT_TRUE(eventually([&] { return b.receiver("state") == "pushed-back"; }));
    }
};

TEST_F(ReloadHook, OfNginxTestsAndReloads) {
    const auto text = [](const char* port) {
        return cat(
            "pid /srv/nginx.pid; error_log /srv/error.log; events {}\n"
            "http { access_log off; server { listen 127.0.0.1:",
            port, "; } }\n");
    };
    prepare("nginx");
    b.write("/srv/conf/nginx.conf", text("8080"));
    b.must("nginx -c /srv/conf/nginx.conf");
    expect_reload("/srv/conf/nginx.conf", text("8080"), text("8081"));
}

// Debian has the version in the program's name.

std::string php_fpm() {
    for (const auto& entry : fs::directory_iterator("/usr/sbin"))
        if (entry.path().filename().native().starts_with("php-fpm")) return entry.path();
    return "php-fpm";
}

TEST_F(ReloadHook, OfPhpFpmTestsAndReloads) {
    const auto text = [](const char* port) {
        return cat(
            "[global]\npid = /srv/fpm.pid\nerror_log = /srv/error.log\n[www]\n"
            "user = www-data\npm = static\npm.max_children = 1\nlisten = 127.0.0.1:",
            port, "\n");
    };
    prepare("php-fpm");
    b.write("/srv/conf/fpm.conf", text("8080"));
    b.must(php_fpm() + " -y /srv/conf/fpm.conf");
    expect_reload("/srv/conf/fpm.conf", text("8080"), text("8081"));
}

}  // namespace

}  // namespace duet::test

int main(int argc, char** argv) {
    return duet::test::run_all_tests_in_sandbox(argc, argv);
}
