// SPDX-License-Identifier: GPL-2.0-or-later
// The built nginx agent with a real nginx.
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "failure.hpp"
#include "file.hpp"
#include "http.hpp"
#include "text.hpp"
#include "web_room.hpp"

namespace duet::test {

namespace {

constexpr auto master_title = "nginx: master", worker_title = "nginx: worker";

class Nginx : public WebRoom {
  protected:
    Nginx() : WebRoom("nginx", "/usr/sbin/nginx") {
        ::mkdir(path("www").c_str(), 0755);
        // At the rate below this takes about a second.
        write("www/slow", std::string(3'000, 's'));
        write("www/index.html", "all is well\n");
        write_config("nginx.conf", 8080);
        call_.parameters = {{"config", path("nginx.conf")},
                            {"url", "http://127.0.0.1:8080/"},
                            {"body", "is w[e]ll"}};
    }

    void write_config(const std::string& name, int port, const std::string& more = {}) const {
        write(name,
              cat("worker_processes 2;\npid ", path(name), ".pid;\nerror_log ", folder_,
                  "/error.log;\nevents {}\nhttp {\naccess_log off;\nserver {\nlisten 127.0.0.1:",
                  port, ";\nroot ", path("www"), ";\nlocation /slow { limit_rate 2500; }\n", more,
                  "}\n}\n"));
    }

    Answer get(const std::string& page) const {
        return fetch({{cat("http://127.0.0.1:8080", page)}},
                     {Milliseconds(1'000), Milliseconds(10'000)})
            .front();
    }

    // A worker bears its master's title for a moment, until it has set its own.
    void settle() const {
        const auto settled = Deadline::after(Milliseconds(2'000));
        while (titled(worker_title).size() != 2 && !settled.expired())
            std::this_thread::sleep_for(Milliseconds(5));
    }
    void kill_master() const {
        settle();
        kill_all_titled(master_title);
    }
};

TEST_F(Nginx, AnswersWhenStartReturnsAndIsGoneWhenStopDoes) {
    expect(Exit::success, call_("start"));
    EXPECT_EQ(200, get("/").status);
    expect(Exit::success, call_.monitor());
    expect(Exit::success, call_.monitor(10));
    expect(Exit::success, call_("stop"));
    EXPECT_TRUE(titled("").empty());
    const auto gone = call_.monitor();
    expect(Exit::not_running, gone);
    EXPECT_EQ("nginx is not running", reason(gone));
}

TEST_F(Nginx, WorkersThatOutlivedTheirMasterAreNoticedAndReplaced) {
    expect(Exit::success, call_("start"));
    kill_master();
    EXPECT_EQ(2u, titled(worker_title).size());
    const auto orphaned = call_.monitor();
    expect(Exit::generic, orphaned);
    EXPECT_EQ("the master process of nginx is gone, and 2 of its workers are still there",
              reason(orphaned));
    expect(Exit::generic, call_("monitor"), "probe");
    expect(Exit::success, call_("start"));
    settle();
    EXPECT_EQ(1u, titled(master_title).size());
    EXPECT_EQ(2u, titled(worker_title).size());
    expect(Exit::success, call_.monitor(10));
}

TEST_F(Nginx, StopEndsOrphans) {
    expect(Exit::success, call_("start"));
    kill_master();
    expect(Exit::success, call_("stop"));
    EXPECT_TRUE(titled("").empty());
}

TEST_F(Nginx, OrphansAreKnownByTheirPortWhenTheRecordIsLost) {
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

TEST_F(Nginx, OrphansAreKnownByTheirSessionWhereNoPageIsNamed) {
    call_.parameters = {{"config", path("nginx.conf")}};
    expect(Exit::success, call_("start"));
    kill_master();
    expect(Exit::generic, call_.monitor());
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_.monitor(10));
    kill_master();
    expect(Exit::success, call_("stop"));
    EXPECT_TRUE(titled("").empty());
}

TEST_F(Nginx, AnotherNginxIsNeverTouched) {
    write_config("other.conf", 8081);
    must({"nginx", "-c", path("other.conf")});
    expect(Exit::not_running, call_("monitor"));
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_("stop"));
    EXPECT_EQ(1u, titled(master_title).size());
    EXPECT_EQ(2u, titled(worker_title).size());
    // Not even where a page is asked of it.
    expect(Exit::not_running, with("url", "http://127.0.0.1:8081/")("monitor"));
    expect(Exit::success, with("url", "http://127.0.0.1:8081/")("stop"));
    EXPECT_EQ(2u, titled(worker_title).size());
    // Not even its orphans.
    kill_master();
    forget_records();
    expect(Exit::not_running, call_("monitor"));
    expect(Exit::success, call_("start"));
    kill_master();
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_("stop"));
    EXPECT_EQ(2u, titled(worker_title).size());
}

TEST_F(Nginx, IsFoundWhoeverStartedIt) {
    must({"nginx", "-c", path("nginx.conf")});
    expect(Exit::success, call_("monitor"), "probe");
    expect(Exit::success, call_("start"));
    EXPECT_EQ(1u, titled(master_title).size());
    forget_records();
    expect(Exit::success, call_.monitor(10));
    expect(Exit::success, call_("stop"));
    EXPECT_TRUE(titled("").empty());
}

TEST_F(Nginx, ANumberInTheRecordIsNotBelieved) {
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_("stop"));
    const auto self = Process::open(::getpid());
    ASSERT_TRUE(self);
    remember(cat(DUET_RUNDIR, "/nginx-", call_.instance, "/master"), *self);
    expect(Exit::not_running, call_.monitor());
    expect(Exit::success, call_("stop"));
}

TEST_F(Nginx, ProbeAndStopNeedNeitherProgramNorConfiguration) {
    program_ = path("nginx");
    must({"cp", "/usr/sbin/nginx", program_});
    call_.parameters["binary"] = program_;
    expect(Exit::success, call_("start"));
    ::unlink(program_.c_str());
    ::unlink(path("nginx.conf").c_str());
    expect(Exit::success, call_("monitor"), "probe");
    expect(Exit::success, call_.monitor(10));
    const auto running = titled("");
    ASSERT_EQ(3u, running.size());
    expect(Exit::success, call_("stop"));
    for (const auto& process : running) EXPECT_FALSE(process.alive());
    expect(Exit::not_running, call_("monitor"), "probe");
}

TEST_F(Nginx, ABadConfigurationIsNamedWithFileAndLine) {
    write_config("nginx.conf", 8080, "nonsense on;\n");
    const auto ended = call_("start");
    expect(Exit::installed, ended);
    EXPECT_EQ(cat("nginx refuses '", path("nginx.conf"), "': unknown directive \"nonsense\" in ",
                  path("nginx.conf"), ":11"),
              reason(ended));
    EXPECT_TRUE(titled("").empty());
}

TEST_F(Nginx, ReloadTakesOverWhatIsValid) {
    expect(Exit::success, call_("start"));
    write_config("nginx.conf", 8080, "location /new { return 204; }\n");
    const auto old = titled(worker_title);
    expect(Exit::success, call_("reload"));
    for (const auto& worker : old) EXPECT_TRUE(worker.wait(Deadline::after(Milliseconds(5'000))));
    EXPECT_EQ(204, get("/new").status);
    write_config("nginx.conf", 8080, "nonsense on;\n");
    const auto refused = call_("reload");
    expect(Exit::installed, refused);
    EXPECT_NE(std::string::npos, reason(refused).find("nginx.conf:11"));
    EXPECT_EQ(204, get("/new").status);
    expect(Exit::success, call_.monitor(10));
}

TEST_F(Nginx, WhatIsMissingIsNamed) {
    const auto program = with("binary", "/usr/sbin/engine-x")("start");
    expect(Exit::installed, program);
    EXPECT_EQ("the server '/usr/sbin/engine-x' (parameter 'binary') is not installed",
              reason(program));
    const auto config = with("config", "/etc/nowhere.conf")("start");
    expect(Exit::args, config);
    EXPECT_EQ("the configuration '/etc/nowhere.conf' (parameter 'config') cannot be read",
              reason(config));
}

TEST_F(Nginx, WhoHoldsThePortIsNamedAndLeftAlone) {
    const Mute mute(8080);
    const auto ended = call_("start");
    expect(Exit::generic, ended);
    const auto sentence = reason(ended);
    EXPECT_NE(std::string::npos, sentence.find("bind() to 127.0.0.1:8080 failed")) << sentence;
    EXPECT_NE(std::string::npos, sentence.find(cat("held by process ", ::getpid()))) << sentence;
    EXPECT_TRUE(titled("").empty());
}

TEST_F(Nginx, AWrongAnswerIsNamed) {
    expect(Exit::success, call_("start"));
    const auto absent = with("url", "http://127.0.0.1:8080/none").monitor(10);
    expect(Exit::generic, absent);
    EXPECT_EQ("http://127.0.0.1:8080/none answers with status 404, expected 200", reason(absent));
    expect(Exit::success, with("status", "200").monitor(10));
    const auto other = with("body", "is ill").monitor(10);
    expect(Exit::generic, other);
    EXPECT_EQ("http://127.0.0.1:8080/ answers 'all is well', expected 'is ill'", reason(other));
    const auto closed = with("url", "http://127.0.0.1:8089/").monitor(10);
    expect(Exit::generic, closed);
    EXPECT_TRUE(reason(closed).starts_with("http://127.0.0.1:8089/ does not answer: "));
}

TEST_F(Nginx, AServerThatNeverAnswersIsNotWaitedFor) {
    const Mute mute(8082);
    expect(Exit::success, call_("start"));
    auto call = with("url", "http://127.0.0.1:8082/");
    call.parameters["patience"] = "300ms";
    const auto took = timed([&] {
        const auto ended = call.monitor(10);
        expect(Exit::generic, ended);
        EXPECT_TRUE(reason(ended).starts_with("http://127.0.0.1:8082/ does not answer: "));
    });
    EXPECT_GE(took, Milliseconds(300));
    EXPECT_LT(took, Milliseconds(3'000));
    // However patient it is, the action's own time comes first.
    call.parameters["patience"] = "1h";
    call.environment.push_back("OCF_RESKEY_CRM_meta_timeout=500");
    EXPECT_LT(timed([&] { expect(Exit::generic, call.monitor(10)); }), Milliseconds(3'000));
}

TEST_F(Nginx, SlowIsDegraded) {
    expect(Exit::success, call_("start"));
    auto call = with("url", "http://127.0.0.1:8080/slow");
    call.parameters.erase("body");
    call.parameters["patience"] = "10s";
    expect(Exit::success, call.monitor(10));
    call.parameters["slow"] = "200ms";
    const auto ended = call.monitor(10);
    expect(Exit::degraded, ended);
    EXPECT_NE(std::string::npos, reason(ended).find("slow is more than 200ms"));
}

TEST_F(Nginx, PagesAreFetchedAllAtOnce) {
    expect(Exit::success, call_("start"));
    std::string urls;
    for (int i = 0; i < 10; ++i) urls += cat(" http://127.0.0.1:8080/slow?", i);
    auto call = with("url", urls);
    call.parameters.erase("body");
    call.parameters["patience"] = "10s";
    const auto one = timed([&] { EXPECT_TRUE(get("/slow").reached); });
    EXPECT_LT(timed([&] { expect(Exit::success, call.monitor(10)); }), 3 * one);
}

TEST_F(Nginx, CertificatesAreCheckedAgainstTheUrlsName) {
    if (!find_program("openssl")) GTEST_SKIP() << "needs openssl to make a certificate";
    must({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj",
          "/CN=www.example.com", "-addext", "subjectAltName=DNS:www.example.com", "-keyout",
          path("key"), "-out", path("certificate")});
    write_config("nginx.conf", 8080,
                 cat("listen 127.0.0.1:8443 ssl;\nssl_certificate ", path("certificate"),
                     ";\nssl_certificate_key ", path("key"), ";\n"));
    expect(Exit::success, call_("start"));
    auto call = with("url", "https://www.example.com/");
    call.parameters["target"] = "127.0.0.1:8443";
    const auto stranger = call.monitor(10);
    expect(Exit::generic, stranger);
    EXPECT_NE(std::string::npos, reason(stranger).find("certificate"));
    call.parameters["verify"] = "false";
    expect(Exit::success, call.monitor(10));
    call.parameters["verify"] = "true";
    call.parameters["ca"] = path("certificate");
    expect(Exit::success, call.monitor(10));
    call.parameters["url"] = "https://www.example.org/";
    expect(Exit::generic, call.monitor(10));
}

TEST_F(Nginx, IsAskedOverAUnixSocketToo) {
    write_config("nginx.conf", 8080, cat("listen unix:", path("socket"), ";\n"));
    expect(Exit::success, call_("start"));
    auto call = with("url", "http://www.example.com/");
    call.parameters["target"] = path("socket");
    expect(Exit::success, call.monitor(10));
    call.parameters["target"] = path("none");
    expect(Exit::generic, call.monitor(10));
}

TEST_F(Nginx, StopLetsARunningRequestFinish) {
    expect(Exit::success, call_("start"));
    Answer answer;
    std::thread client([&] { answer = get("/slow"); });
    std::this_thread::sleep_for(Milliseconds(200));
    expect(Exit::success, call_("stop"));
    client.join();
    EXPECT_TRUE(answer.reached) << answer.error;
    EXPECT_EQ(3'000u, answer.body.size());
    EXPECT_TRUE(titled("").empty());
}

TEST_F(Nginx, StopDoesNotWaitLongerThanItIsTold) {
    call_.parameters["drain"] = "200ms";
    expect(Exit::success, call_("start"));
    for (const auto& worker : titled(worker_title)) worker.signal(SIGSTOP);
    const auto took = timed([&] { expect(Exit::success, with("drain", "200ms")("stop")); });
    EXPECT_TRUE(titled("").empty());
    EXPECT_LT(took, Milliseconds(10'000));
}

// attrd_updater is played by a script here: what it is told is what counts.
TEST_F(Nginx, ItsStateIsToldWhenItChangesAndOnlyThen) {
    ::mkdir(path("bin").c_str(), 0755);
    write("bin/attrd_updater", cat("#!/bin/sh\necho \"$2 $3\" >>", path("told"), "\n"));
    ::chmod(path("bin/attrd_updater").c_str(), 0755);
    call_.environment = {"OCF_RESKEY_CRM_meta_on_node=a",
                         cat("PATH=", path("bin"), ":/usr/sbin:/usr/bin:/sbin:/bin")};
    std::string told;
    const auto tells = [&](const std::string& state, const Ended&) {
        if (!state.empty()) told += cat(call_.instance, "-state --update=", state, '\n');
        EXPECT_EQ(told, read_file(path("told")).value_or(""));
    };
    tells("", call_("monitor"));
    tells("ok", call_("start"));
    tells("", call_.monitor());
    tells("", call_.monitor(10));
    tells("broken", with("status", "201").monitor(10));
    tells("", call_.monitor());
    tells("ok", call_.monitor(10));
    auto slow = with("url", "http://127.0.0.1:8080/slow");
    slow.parameters["slow"] = "1ms";
    slow.parameters.erase("body");
    tells("slow", slow.monitor(10));
    tells("stopped", call_("stop"));
    tells("", call_("stop"));
    tells("ok", call_("start"));
    kill_master();
    tells("broken", call_.monitor());
    tells("", call_("stop"));
    tells("ok", call_("start"));
}

TEST_F(Nginx, TheShippedExampleWorks) {
    must({"cp", DUET_EXAMPLES "/nginx-site.conf", "/etc/nginx/sites-available/default"});
    call_.parameters = example_parameters("nginx");
    EXPECT_FALSE(call_.parameters.empty());
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_.monitor());
    expect(Exit::success, call_.monitor(10));
    expect(Exit::success, call_("stop"));
    EXPECT_TRUE(titled("").empty());
}

TEST_F(Nginx, AGlanceStartsNoProgram) {
    expect(Exit::success, call_("start"));
    // No helper is found anywhere, and none is missed.
    call_.environment.push_back("PATH=/nowhere");
    expect(Exit::success, call_.monitor());
    expect(Exit::success, call_.monitor(10));
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
