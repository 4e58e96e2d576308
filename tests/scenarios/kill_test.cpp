// SPDX-License-Identifier: GPL-2.0-or-later
// A program dies, or cannot be started, on a server that lives.
#include <csignal>
#include <fstream>

#include "file.hpp"
#include "scenario.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds limit{45'000};
constexpr Milliseconds back_again{180'000};

class Kill : public Scenario {
  protected:
    static std::string reason_of(const std::string& operation) {
        const auto now = pair().status();
        for (const auto& failure : now ? now->failures : std::vector<FailureStatus>())
            if (failure.operation.starts_with(operation)) return failure.reason;
        return {};
    }
};

// Scenario 4.
TEST_F(Kill, TheDatabaseServerOfTheActive) {
    start_load();
    const auto since = wall_now();
    ASSERT_EQ(1, active().signal("mariadbd", SIGKILL));
    wait_until_active("b", limit);
    run_on();
    clean_up();
    wait_until_healthy(back_again);
    const auto history = stop_load();
    report("write gap", history.write_gap(since).seconds());
    report("page gap", history.page_gap(since).seconds());
    EXPECT_LT(history.write_gap(since).seconds(), 20);
    expect_nothing_lost(history);
}

TEST_F(Kill, TheMastersOfTheWebServers) {
    for (const std::string program : {"/usr/sbin/nginx", "/usr/sbin/php-fpm8.2"}) {
        start_load();
        const auto since = wall_now();
        const auto processes = active().processes(program);
        ASSERT_FALSE(processes.empty()) << program;
        processes.front().signal(SIGKILL);
        run_on(Milliseconds(3'000));
        wait_for_page_from(pair().active(), limit);
        clean_up();
        wait_until_healthy(back_again);
        const auto history = stop_load();
        report(cat("page gap, ", program), history.page_gap(since).seconds());
        EXPECT_LT(history.page_gap(since).seconds(), 30) << program;
        expect_nothing_lost(history);
    }
}

// The program itself cannot be executed, so the restart that repairs one crash cannot succeed.
TEST_F(Kill, NginxThatCannotBeRestartedMovesEverything) {
    start_load();
    const auto since = wall_now();
    const auto processes = active().processes("/usr/sbin/nginx");
    ASSERT_FALSE(processes.empty());
    const auto repair = [] { active().output_of({"chmod", "a+x", "/usr/sbin/nginx"}); };
    afterwards(repair);
    active().output_of({"chmod", "a-x", "/usr/sbin/nginx"});
    processes.front().signal(SIGKILL);
    wait_until_active("b", limit);
    wait_for_page_from("b", limit);
    EXPECT_NE(std::string::npos, reason_of("nginx_start").find("is not installed"))
        << reason_of("nginx_start");
    run_on(Milliseconds(12'000));
    EXPECT_EQ("b", pair().active()) << "it returns to nobody while the cause lasts";
    repair();
    clean_up();
    wait_until_healthy(back_again);
    const auto history = stop_load();
    report("page gap", history.page_gap(since).seconds());
    EXPECT_LT(history.page_gap(since).seconds(), 30);
    expect_nothing_lost(history);
}

// Scenario 8.
TEST_F(Kill, ADatabaseThatCannotStartHasAReasonAndTheServiceStays) {
    start_load();
    const auto config = active().path("/etc/mysql/duet.cnf");
    const auto good = read_file(config).value();
    const auto repair = [good] { std::ofstream(active().path("/etc/mysql/duet.cnf")) << good; };
    afterwards(repair);
    std::ofstream(config, std::ios::app) << "no_such_setting = 1\n";
    ASSERT_EQ(1, active().signal("mariadbd", SIGKILL));
    wait_until_active("b", limit);
    clean_up();
    const auto deadline = Deadline::after(limit);
    while (reason_of("db_start").empty()) deadline.pause(Milliseconds(100), "the failed start");
    EXPECT_NE(std::string::npos, reason_of("db_start").find("no_such_setting"))
        << reason_of("db_start");
    run_on(Milliseconds(8'000));
    EXPECT_EQ("b", pair().active());
    repair();
    clean_up();
    wait_until_healthy(back_again);
    expect_nothing_lost(stop_load());
}

// The active server's nginx goes on with what it had read; when it dies the standby, which refused
// the broken file, takes over, and sends back the one that works.
TEST_F(Kill, AnInvalidConfigurationHasAReasonAndTheServiceGoesOn) {
    start_load();
    const auto since = wall_now();
    const auto config = active().path("/etc/nginx/nginx.conf");
    const auto good = read_file(config).value();
    afterwards([good] { std::ofstream(active().path("/etc/nginx/nginx.conf")) << good; });
    std::ofstream(config) << "nonsense;\n" << good;
    pair().wait_until("the standby to refuse it", limit, [](const ClusterStatus& now) {
        return now.attribute("b", "files-state") == "refused";
    });
    EXPECT_EQ(preferred, pair().active());
    EXPECT_EQ(good, read_file(standby().path("/etc/nginx/nginx.conf"))) << "what worked is put back";
    const auto processes = active().processes("/usr/sbin/nginx");
    ASSERT_FALSE(processes.empty());
    processes.front().signal(SIGKILL);
    wait_until_active("b", limit);
    wait_for_page_from("b", limit);
    EXPECT_NE(std::string::npos, reason_of("nginx_start").find("nonsense")) << reason_of("nginx_start");
    const auto repaired = Deadline::after(limit);
    while (read_file(active().path("/etc/nginx/nginx.conf")) != good)
        repaired.pause(Milliseconds(200), "the configuration that works on the other server");
    clean_up();
    wait_until_healthy(back_again);
    const auto history = stop_load();
    report("page gap", history.page_gap(since).seconds());
    EXPECT_LT(history.page_gap(since).seconds(), 30);
    expect_nothing_lost(history);
}

}  // namespace

}  // namespace duet::lab
