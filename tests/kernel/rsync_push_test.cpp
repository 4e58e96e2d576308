// SPDX-License-Identifier: GPL-2.0-or-later
// The rsync-push agent on two servers, with the real rsync between them.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <csignal>

#include "failure.hpp"
#include "rsync_push_pair.hpp"
#include "text.hpp"

namespace duet::test {

namespace fs = std::filesystem;

namespace {

constexpr int success = int(Exit::success), promoted = int(Exit::running_promoted),
              not_running = int(Exit::not_running);
constexpr auto run_folder = "/run/duet/rsync-push-files";
constexpr auto listens_on_b = "160200C0:221A";  // 192.0.2.22:8730

class RsyncPush : public testing::Test {
  protected:
    Pair pair;
    Server &a = pair.a, &b = pair.b;

    testing::AssertionResult same(const char* tree = "/srv/site") {
        const auto from = [&] { return everything_in(a.path(tree)); };
        const auto to = [&] { return everything_in(b.path(tree)); };
        if (eventually([&] { return from() == to(); })) return testing::AssertionSuccess();
        return testing::AssertionFailure() << "a has\n"
                                           << from() << "b has\n"
                                           << to() << a.pusher("state") << ' ' << a.pusher("words");
    }
    bool a_says(const std::string& state) {
        return eventually([&] { return a.pusher("state") == state; });
    }
    void wait_for_two_passes() {
        for (int pass = 0; pass < 2; ++pass) {
            const auto before = a.pusher("complete");
            EXPECT_TRUE(eventually([&] { return a.pusher("complete") != before; }));
        }
    }
};

TEST_F(RsyncPush, BringsEverythingThatATreeCanHold) {
    pair.bring_up();
    const std::string odd[] = {"new\nline",   "quo\"te's", "not\xff\xfeutf8",
                               "blank name ", "-rf",       "*?[a]"};
    for (const auto& name : odd) a.write("/srv/site/odd/" + name, name);
    const auto site = a.path("/srv/site");
    a.write("/srv/site/file", "content");
    fs::create_directories(site / "empty/in/empty");
    fs::create_symlink("/etc/passwd", site / "outside");
    fs::create_symlink("nowhere", site / "dangling");
    fs::create_hard_link(site / "file", site / "odd/second-name");
    ::chmod((site / "file").c_str(), 04751);
    ::lchown((site / "file").c_str(), 12345, 54321);
    ::lchown((site / "dangling").c_str(), 33, 33);
    ::lsetxattr((site / "file").c_str(), "user.duet", "kept", 4, 0);
    const timespec times[2] = {{1'000'000'000, 1}, {1'234'567'890, 123'456'789}};
    ::utimensat(AT_FDCWD, (site / "file").c_str(), times, 0);
    a.write("/srv/conf/sub/one.conf", "one");
    EXPECT_TRUE(same());
    EXPECT_TRUE(same("/srv/conf"));
    EXPECT_EQ("content", b.read("/srv/site/file"));
    EXPECT_EQ(promoted, a.monitor().exit_code);
    EXPECT_EQ(success, b.monitor().exit_code);
}

TEST_F(RsyncPush, FollowsChangesDeletionsAndRenames) {
    a.write("/srv/site/stays", "old");
    a.write("/srv/site/goes", "x");
    a.write("/srv/site/folder/deep/file", "x");
    a.write("/srv/site/was-a-folder/file", "x");
    a.write("/srv/site/renamed", "moved");
    pair.bring_up();
    ASSERT_TRUE(b.has("/srv/site/goes"));
    const auto site = a.path("/srv/site");
    a.write("/srv/site/stays", "new");
    fs::remove(site / "goes");
    fs::remove_all(site / "folder");
    fs::remove_all(site / "was-a-folder");
    a.write("/srv/site/was-a-folder", "now a file");
    fs::rename(site / "renamed", site / "other-name");
    fs::permissions(site / "stays", fs::perms(0600));
    EXPECT_TRUE(same());
    EXPECT_FALSE(b.has("/srv/site/goes"));
    EXPECT_EQ("now a file", b.read("/srv/site/was-a-folder"));
}

// By seconds and size alone this file is the same as before.
TEST_F(RsyncPush, SeesAChangeWithinTheSameSecond) {
    const auto set_time = [&](long nanoseconds) {
        const timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, nanoseconds}};
        ::utimensat(AT_FDCWD, a.path("/srv/site/file").c_str(), times, 0);
    };
    a.write("/srv/site/file", "old");
    set_time(1);
    pair.bring_up();
    a.write("/srv/site/file", "new");
    set_time(2);
    EXPECT_TRUE(same());
}

TEST_F(RsyncPush, RepairsWhatWasChangedOnTheStandby) {
    a.write("/srv/site/file", "right");
    pair.bring_up();
    b.write("/srv/site/stray", "not from a");
    b.write("/srv/site/file", "tampered with");
    EXPECT_TRUE(same());
}

TEST_F(RsyncPush, TurnsTheDirectionAround) {
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

TEST_F(RsyncPush, AcceptsNothingWhilePromoted) {
    pair.bring_up();
    EXPECT_EQ(std::vector<std::string>{}, a.listening());
    EXPECT_EQ(std::vector<std::string>{listens_on_b}, b.listening());
    ASSERT_EQ(success, a.agent("stop").exit_code);
    ASSERT_EQ(success, b.agent("promote").exit_code);
    EXPECT_EQ(std::vector<std::string>{}, b.listening());
    ASSERT_EQ(success, b.agent("stop").exit_code);
    EXPECT_EQ(std::vector<std::string>{}, b.listening());
}

TEST_F(RsyncPush, LetsNoOtherAddressIn) {
    pair.bring_up();
    a.must("ip addr add 192.0.2.31/24 dev cable");
    const auto push_from = [&](const std::string& address) {
        return a.run({"rsync", "--address=" + address, "--password-file=/srv/secret", "/srv/secret",
                      "rsync://duet@192.0.2.22:8730/tree+srv+conf/intruder"});
    };
    EXPECT_EQ(5, push_from("192.0.2.31").exit_code);
    EXPECT_FALSE(b.has("/srv/conf/intruder"));
    EXPECT_EQ(0, push_from("192.0.2.21").exit_code) << "the same from the right address";
}

TEST_F(RsyncPush, SpeaksIPv6) {
    a.must("ip addr add 2001:db8::21/64 dev cable nodad");
    b.must("ip addr add 2001:db8::22/64 dev cable nodad");
    for (auto* server : {&a, &b})
        server->parameters["peers"] = "a=2001:db8::21 b=[2001:db8::22]:8731";
    a.write("/srv/site/file", "x");
    pair.bring_up();
    EXPECT_EQ("x", b.read("/srv/site/file"));
    EXPECT_EQ(1u, b.listening().size());
    EXPECT_NE(std::string::npos, b.listening().at(0).find(":221B"));
}

TEST_F(RsyncPush, TellsNothingAndShowsNoTreeToThePusher) {
    b.write("/srv/conf/private", "secret of b");
    ASSERT_EQ(success, b.agent("start").exit_code);
    const auto read = a.run({"rsync", "--password-file=/srv/secret",
                             "rsync://duet@192.0.2.22:8730/tree+srv+conf/private", "/srv/stolen"});
    EXPECT_NE(0, read.exit_code);
    EXPECT_FALSE(a.has("/srv/stolen"));
    EXPECT_EQ("", a.run({"rsync", "rsync://192.0.2.22:8730/"}).out);
}

TEST_F(RsyncPush, IsDeniedWithAnotherSecret) {
    a.write("/srv/site/file", "x");
    b.write("/srv/secret", "another word\n");
    fs::permissions(b.path("/srv/secret"), fs::perms(0600));
    ASSERT_EQ(success, b.agent("start").exit_code);
    ASSERT_EQ(success, a.agent("start").exit_code);
    ASSERT_EQ(success, a.agent("promote").exit_code);
    EXPECT_TRUE(a_says("behind"));
    EXPECT_NE(std::string::npos, a.pusher("words").find("auth failed")) << a.pusher("words");
    EXPECT_FALSE(b.has("/srv/site/file"));
}

TEST_F(RsyncPush, AnEmptySourceEmptiesNothing) {
    a.write("/srv/site/file", "x");
    a.write("/srv/conf/one.conf", "1");
    pair.bring_up();
    fs::remove(a.path("/srv/site/file"));
    a.write("/srv/conf/one.conf", "2");
    EXPECT_TRUE(a_says("refused"));
    EXPECT_NE(std::string::npos, a.pusher("words").find("'/srv/site': is empty"));
    EXPECT_TRUE(b.has("/srv/site/file"));
    EXPECT_TRUE(eventually([&] { return b.read("/srv/conf/one.conf") == "2"; }))
        << "the other tree goes on";
    a.write("/srv/site/file", "again");
    EXPECT_TRUE(a_says("complete"));
}

TEST_F(RsyncPush, AnAbsentSourceIsRefused) {
    a.write("/srv/site/file", "x");
    pair.bring_up();
    fs::rename(a.path("/srv/site"), a.path("/srv/unmounted"));
    EXPECT_TRUE(a_says("refused"));
    EXPECT_TRUE(b.has("/srv/site/file"));
}

TEST_F(RsyncPush, DeletesNoMoreThanItMay) {
    a.parameters["max_delete"] = "3";
    for (int i = 0; i < 9; ++i) a.write(cat("/srv/site/", i), "x");
    pair.bring_up();
    for (int i = 0; i < 3; ++i) fs::remove(a.path(cat("/srv/site/", i)));
    EXPECT_TRUE(same()) << "as many as allowed";
    for (int i = 3; i < 7; ++i) fs::remove(a.path(cat("/srv/site/", i)));
    EXPECT_TRUE(a_says("refused"));
    EXPECT_NE(std::string::npos, a.pusher("words").find("4 of 7 entries")) << a.pusher("words");
    EXPECT_TRUE(b.has("/srv/site/3"));
    a.parameters["max_delete"] = "4";
    EXPECT_EQ(success, a.agent("reload-agent").exit_code);
    EXPECT_TRUE(same());
}

TEST_F(RsyncPush, WaitsForAPeerThatIsAway) {
    a.parameters["stale_after"] = "2s";
    pair.bring_up();
    ASSERT_EQ(success, b.agent("stop").exit_code);
    EXPECT_TRUE(a_says("alone"));
    EXPECT_TRUE(eventually([&] { return a.monitor().exit_code == int(Exit::degraded_promoted); }));
    EXPECT_NE(std::string::npos, exit_reasons(a.monitor())[0].find("no complete pass"));
    ASSERT_EQ(success, b.agent("start").exit_code);
    EXPECT_TRUE(a_says("complete"));
    EXPECT_TRUE(eventually([&] { return a.monitor().exit_code == promoted; }));
}

TEST_F(RsyncPush, NoticesThatThePusherWasKilled) {
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

TEST_F(RsyncPush, NoticesThatTheReceiverOrItsDaemonWasKilled) {
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
}

TEST_F(RsyncPush, EndsATransferThatIsUnderWay) {
    pair.bring_up();
    // The other end stands still, so that this one waits.
    for (const auto pid : b.pids_with(cat("--config=", run_folder, "/rsyncd.conf")))
        ::kill(pid, SIGSTOP);
    EXPECT_TRUE(eventually([&] { return !a.pids_with("--timeout=30").empty(); }));
    ::kill(a.pids_with("--push").at(0), SIGKILL);
    EXPECT_EQ(success, a.agent("stop").exit_code);
    EXPECT_EQ(0u, a.pids_with("--timeout=30").size());
}

TEST_F(RsyncPush, StopsWithoutItsFilesOfNumbers) {
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

TEST_F(RsyncPush, IsPushedBackInThisLifeOfTheReceiverAlone) {
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

TEST_F(RsyncPush, AnOlderPromotionPushesNothing) {
    pair.bring_up();
    ASSERT_EQ(success, b.agent("stop").exit_code);
    b.write("/var/lib/duet/rsync-push-files/epoch", "98\n");
    ASSERT_EQ(success, b.agent("start").exit_code);
    a.write("/srv/site/late", "x");
    EXPECT_TRUE(a_says("refused"));
    EXPECT_NE(std::string::npos, a.pusher("words").find("promotion 98")) << a.pusher("words");
    EXPECT_FALSE(b.has("/srv/site/late"));
}

TEST_F(RsyncPush, KeepsAsideWhatOnlyThisServerHas) {
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

TEST_F(RsyncPush, PushesOnceMoreBeforeADemotion) {
    pair.bring_up();
    EXPECT_EQ(success, a.agent("stop").exit_code);
    a.parameters["interval"] = "1h";
    ASSERT_EQ(success, a.agent("start").exit_code);
    ASSERT_EQ(success, a.agent("promote").exit_code);
    ASSERT_TRUE(a_says("complete"));
    // The second pass comes soon, the third one in an hour.
    const auto first = a.pusher("complete");
    ASSERT_TRUE(eventually([&] { return a.pusher("complete") != first; }));
    a.write("/srv/site/last", "words");
    EXPECT_EQ(success, a.agent("demote").exit_code);
    EXPECT_EQ("words", b.read("/srv/site/last"));
}

TEST_F(RsyncPush, RunsTheHookAfterATreeHasChanged) {
    for (auto* server : {&a, &b}) {
        server->write("/srv/hook",
                      "#!/bin/sh\necho \"$1\" >>/srv/hooked\n"
                      "! grep -q broken /srv/conf/one.conf\n");
        fs::permissions(server->path("/srv/hook"), fs::perms(0755));
        server->parameters["trees"] = "/srv/site /srv/conf=/srv/hook";
    }
    a.write("/srv/conf/one.conf", "1");
    pair.bring_up();
    EXPECT_EQ("/srv/conf\n", b.read("/srv/hooked")) << "once, for nobody knows what it had";
    wait_for_two_passes();
    a.write("/srv/site/file", "not in that tree");
    wait_for_two_passes();
    EXPECT_EQ("/srv/conf\n", b.read("/srv/hooked"));
    a.write("/srv/conf/one.conf", "broken");
    EXPECT_TRUE(eventually([&] { return b.receiver("state") == "refused"; }));
    a.write("/srv/conf/one.conf", "mended");
    EXPECT_TRUE(eventually([&] { return b.receiver("state") == "pushed-back"; }));
    EXPECT_FALSE(a.has("/srv/hooked"));
}

TEST_F(RsyncPush, SaysWhyItCannotStart) {
    fs::permissions(b.path("/srv/secret"), fs::perms(0644));
    auto ended = b.agent("start");
    EXPECT_EQ(int(Exit::args), ended.exit_code);
    EXPECT_NE(std::string::npos, exit_reasons(ended).at(0).find("must have mode 0600"));
    fs::permissions(b.path("/srv/secret"), fs::perms(0600));
    b.parameters["binary"] = "no-rsync";
    EXPECT_EQ(int(Exit::installed), b.agent("start").exit_code);
    b.parameters.erase("binary");
    b.parameters["peers"] = "a=192.0.2.21 c=192.0.2.22";
    EXPECT_EQ(int(Exit::args), b.agent("start").exit_code);
    b.parameters["peers"] = "a=192.0.2.21 b=192.0.2.99";
    ended = b.agent("start");
    EXPECT_EQ(int(Exit::generic), ended.exit_code);
    EXPECT_NE(std::string::npos, exit_reasons(ended).at(0).find("192.0.2.99"));
    EXPECT_NE(std::string::npos, exit_reasons(ended).at(0).find("assign requested address"))
        << ended.err;
    EXPECT_EQ(not_running, b.monitor().exit_code);
}

}  // namespace

}  // namespace duet::test

int main(int argc, char** argv) {
    return duet::test::run_all_tests_in_sandbox(argc, argv);
}
