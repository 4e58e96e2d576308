// SPDX-License-Identifier: GPL-2.0-or-later
// What the rsync-push agent brings to the other server, what it lets in and what it holds back.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "failure.hpp"
#include "rsync_push_pair.hpp"
#include "text.hpp"

namespace duet::test {

namespace fs = std::filesystem;

namespace {

using RsyncPush = PairTest;

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

TEST_F(RsyncPush, NeitherPushesNorDeletesWhatIsExcluded) {
    a.parameters["exclude"] = "/cache *.tmp";
    a.write("/srv/site/cache/of-a", "x");
    a.write("/srv/site/sub/a.tmp", "x");
    b.write("/srv/site/cache/of-b", "x");
    pair.bring_up();
    EXPECT_TRUE(b.has("/srv/site/sub"));
    EXPECT_FALSE(b.has("/srv/site/sub/a.tmp"));
    EXPECT_FALSE(b.has("/srv/site/cache/of-a"));
    EXPECT_TRUE(b.has("/srv/site/cache/of-b"));
}

TEST_F(RsyncPush, RepairsWhatWasChangedOnTheStandby) {
    a.write("/srv/site/file", "right");
    pair.bring_up();
    b.write("/srv/site/stray", "not from a");
    b.write("/srv/site/file", "tampered with");
    EXPECT_TRUE(same());
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
