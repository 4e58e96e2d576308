// SPDX-License-Identifier: GPL-2.0-or-later
// The built php-fpm agent with a real php-fpm.
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "failure.hpp"
#include "fastcgi.hpp"
#include "file.hpp"
#include "text.hpp"
#include "web_room.hpp"

namespace duet::test {

namespace {

constexpr auto master_title = "php-fpm: master", worker_title = "php-fpm: pool";

class PhpFpm : public WebRoom {
  protected:
    PhpFpm() : WebRoom("php-fpm", "/usr/sbin/php-fpm8.2") {
        write("slow.php", "<?php for ($end = microtime(true) + 1; microtime(true) < $end;) usleep(9000); "
                          "echo 'done';");
        write_config("php.conf", path("php.sock"));
        call_.parameters = {{"binary", "php-fpm8.2"},
                            {"config", path("php.conf")},
                            {"listen", path("php.sock")}};
    }

    void write_config(const std::string& name, const std::string& listen,
                      const std::string& more = {}) const {
        write(name, cat("[global]\npid = ", path(name), ".pid\nerror_log = ", folder_,
                        "/php.log\nprocess_control_timeout = 10s\n[www]\nuser = www-data\n",
                        "group = www-data\nlisten = ", listen,
                        "\npm = static\npm.max_children = 2\nping.path = /ping\n",
                        "pm.status_path = /status\n", more));
    }

    Answer ask(const std::string& script) const {
        return ask_fastcgi(*parse_fastcgi_target(call_.parameters.at("listen")), script,
                           {Milliseconds(1'000), Milliseconds(10'000)});
    }

    void kill_master() const { kill_all_titled(master_title); }
};

TEST_F(PhpFpm, AnswersWhenStartReturnsAndIsGoneWhenStopDoes) {
    expect(Exit::success, call_("start"));
    EXPECT_EQ("pong", ask("/ping").body);
    EXPECT_EQ("done", ask(path("slow.php")).body);
    expect(Exit::success, call_.monitor());
    expect(Exit::success, call_.monitor(10));
    expect(Exit::success, call_("stop"));
    EXPECT_TRUE(titled("").empty());
    const auto gone = call_.monitor();
    expect(Exit::not_running, gone);
    EXPECT_EQ("php-fpm is not running", reason(gone));
}

TEST_F(PhpFpm, WorkersThatOutlivedTheirMasterAreNoticedAndReplaced) {
    expect(Exit::success, call_("start"));
    kill_master();
    EXPECT_EQ(2u, titled(worker_title).size());
    const auto orphaned = call_.monitor();
    expect(Exit::generic, orphaned);
    EXPECT_EQ("the master process of php-fpm is gone, and 2 of its workers are still there",
              reason(orphaned));
    expect(Exit::success, call_("start"));
    EXPECT_EQ(1u, titled(master_title).size());
    EXPECT_EQ(2u, titled(worker_title).size());
    expect(Exit::success, call_.monitor(10));
    kill_master();
    expect(Exit::success, call_("stop"));
    EXPECT_TRUE(titled("").empty());
}

TEST_F(PhpFpm, OrphansAreKnownByTheirSocketWhenTheRecordIsLost) {
    expect(Exit::success, call_("start"));
    kill_master();
    forget_records();
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_.monitor(10));
    kill_master();
    forget_records();
    expect(Exit::success, call_("stop"));
    EXPECT_TRUE(titled("").empty());
}

TEST_F(PhpFpm, AnotherPhpFpmIsNeverTouched) {
    write_config("other.conf", path("other.sock"));
    must({"php-fpm8.2", "-D", "-y", path("other.conf")});
    expect(Exit::not_running, call_("monitor"));
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_("stop"));
    EXPECT_EQ(1u, titled(master_title).size());
    kill_master();
    forget_records();
    expect(Exit::success, call_("start"));
    kill_master();
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_("stop"));
    EXPECT_EQ(2u, titled(worker_title).size());
}

TEST_F(PhpFpm, IsFoundWhoeverStartedIt) {
    must({"php-fpm8.2", "-D", "-y", path("php.conf")});
    expect(Exit::success, call_("monitor"), "probe");
    expect(Exit::success, call_("start"));
    EXPECT_EQ(1u, titled(master_title).size());
    expect(Exit::success, call_("stop"));
    EXPECT_TRUE(titled("").empty());
}

TEST_F(PhpFpm, ProbeAndStopNeedNeitherProgramNorConfiguration) {
    program_ = path("php-fpm");
    must({"cp", "/usr/sbin/php-fpm8.2", program_});
    call_.parameters["binary"] = program_;
    expect(Exit::success, call_("start"));
    ::unlink(program_.c_str());
    ::unlink(path("php.conf").c_str());
    expect(Exit::success, call_("monitor"), "probe");
    const auto running = titled("");
    ASSERT_EQ(3u, running.size());
    expect(Exit::success, call_("stop"));
    for (const auto& process : running) EXPECT_FALSE(process.alive());
    expect(Exit::not_running, call_("monitor"), "probe");
}

TEST_F(PhpFpm, ABadConfigurationIsNamedWithFileAndLine) {
    write_config("php.conf", path("php.sock"), "nonsense = on\n");
    const auto ended = call_("start");
    expect(Exit::installed, ended);
    EXPECT_EQ(cat("php-fpm refuses '", path("php.conf"), "': [", path("php.conf"),
                  ":13] unknown entry 'nonsense'"),
              reason(ended));
    EXPECT_TRUE(titled("").empty());
}

TEST_F(PhpFpm, ReloadTakesOverWhatIsValid) {
    expect(Exit::success, call_("start"));
    const auto master = titled(master_title).front().pid();
    write_config("php.conf", path("php.sock"), "ping.response = peng\n");
    expect(Exit::success, call_("reload"));
    const auto deadline = Deadline::after(Milliseconds(5'000));
    while (ask("/ping").body != "peng" && !deadline.expired())
        std::this_thread::sleep_for(Milliseconds(20));
    EXPECT_EQ("peng", ask("/ping").body);
    EXPECT_EQ(master, titled(master_title).front().pid());
    write_config("php.conf", path("php.sock"), "nonsense = on\n");
    expect(Exit::installed, call_("reload"));
    EXPECT_EQ("peng", ask("/ping").body);
    expect(Exit::success, with("response", "peng").monitor(10));
}

TEST_F(PhpFpm, IsFoundUnderTheNameThatDebianGivesIt) {
    must("mkdir -p /etc/php/8.2/fpm");
    const std::string config = "/etc/php/8.2/fpm/duet-test.conf";
    must({"cp", path("php.conf"), config});
    call_.parameters.erase("binary");
    call_.parameters["config"] = config;
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_.monitor(10));
    expect(Exit::success, call_("stop"));
}

TEST_F(PhpFpm, MakesTheFolderOfItsSocket) {
    write_config("php.conf", path("run/php.sock"));
    call_.parameters["listen"] = path("run/php.sock");
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_.monitor(10));
}

TEST_F(PhpFpm, IsAskedOverTcpToo) {
    write_config("php.conf", "127.0.0.1:9000");
    call_.parameters["listen"] = "127.0.0.1:9000";
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_.monitor(10));
    kill_master();
    forget_records();
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_("stop"));
}

TEST_F(PhpFpm, EveryPoolIsAsked) {
    write_config("php.conf", path("php.sock"),
                 cat("[two]\nuser = www-data\nlisten = ", path("two.sock"),
                     "\npm = static\npm.max_children = 1\nping.path = /ping\n"));
    call_.parameters["listen"] = cat(path("php.sock"), ' ', path("two.sock"));
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_.monitor(10));
    ::unlink(path("two.sock").c_str());
    const auto ended = call_.monitor(10);
    expect(Exit::generic, ended);
    EXPECT_EQ(cat("'/ping' at '", path("two.sock"), "' does not answer: No such file or directory"),
              reason(ended));
}

TEST_F(PhpFpm, AWrongAnswerIsNamed) {
    expect(Exit::success, call_("start"));
    const auto absent = with("ping", "/pang").monitor(10);
    expect(Exit::generic, absent);
    EXPECT_EQ(cat("'/pang' at '", path("php.sock"),
                  "' answers with status 404 and 'File not found.'"),
              reason(absent));
    const auto other = with("response", "peng").monitor(10);
    expect(Exit::generic, other);
    EXPECT_EQ(cat("'/ping' at '", path("php.sock"), "' answers 'pong', expected 'peng'"),
              reason(other));
}

TEST_F(PhpFpm, AServerThatNeverAnswersIsNotWaitedFor) {
    const Mute mute(9001);
    expect(Exit::success, call_("start"));
    auto call = with("listen", "127.0.0.1:9001");
    call.parameters["patience"] = "300ms";
    const auto took = timed([&] {
        const auto ended = call.monitor(10);
        expect(Exit::generic, ended);
        EXPECT_EQ("'/ping' at '127.0.0.1:9001' does not answer: no answer in time", reason(ended));
    });
    EXPECT_GE(took, Milliseconds(300));
    EXPECT_LT(took, Milliseconds(3'000));
    call.parameters["patience"] = "1h";
    call.environment.push_back("OCF_RESKEY_CRM_meta_timeout=500");
    EXPECT_LT(timed([&] { expect(Exit::generic, call.monitor(10)); }), Milliseconds(3'000));
}

TEST_F(PhpFpm, TheStatusPageIsRead) {
    expect(Exit::success, call_("start"));
    expect(Exit::success, with("status", "/status").monitor(10));
    const auto none = with("status", "/none").monitor(10);
    expect(Exit::generic, none);
    EXPECT_NE(std::string::npos, reason(none).find("'/none'"));
}

TEST_F(PhpFpm, SlowIsDegraded) {
    expect(Exit::success, call_("start"));
    // Both workers are busy, so the ping has to wait.
    std::thread one([&] { ask(path("slow.php")); }), two([&] { ask(path("slow.php")); });
    std::this_thread::sleep_for(Milliseconds(200));
    const auto ended = with("slow", "100ms").monitor(10);
    one.join();
    two.join();
    expect(Exit::degraded, ended);
    EXPECT_NE(std::string::npos, reason(ended).find("slow is more than 100ms"));
}

TEST_F(PhpFpm, StopLetsARunningRequestFinish) {
    expect(Exit::success, call_("start"));
    Answer answer;
    std::thread client([&] { answer = ask(path("slow.php")); });
    std::this_thread::sleep_for(Milliseconds(200));
    expect(Exit::success, call_("stop"));
    client.join();
    EXPECT_TRUE(answer.reached) << answer.error;
    EXPECT_EQ("done", answer.body);
    EXPECT_TRUE(titled("").empty());
}

TEST_F(PhpFpm, StopDoesNotWaitLongerThanItIsTold) {
    expect(Exit::success, call_("start"));
    for (const auto& worker : titled(worker_title)) worker.signal(SIGSTOP);
    const auto took = timed([&] { expect(Exit::success, with("drain", "200ms")("stop")); });
    EXPECT_TRUE(titled("").empty());
    EXPECT_LT(took, Milliseconds(10'000));
}

}  // namespace

}  // namespace duet::test

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    return duet::test::in_sandbox([] {
        duet::test::make_lan();
        return RUN_ALL_TESTS();
    });
}
