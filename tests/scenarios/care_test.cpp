// SPDX-License-Identifier: GPL-2.0-or-later
// What an administrator does to the databases of a pair that is well: other passwords, scheduled
// events; and servers that are no pair, put together by mistake.
#include <filesystem>
#include <fstream>

#include "file.hpp"
#include "scenario.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds soon{20'000};
constexpr Milliseconds limit{60'000};
constexpr const char* unlogged = "SET SESSION sql_log_bin = 0; ";

class Care : public Scenario {
  protected:
    static std::vector<pid_t> servers() {
        std::vector<pid_t> pids;
        for (const auto* node : node_names)
            for (const auto& server : pair().node(node).processes("mariadbd"))
                pids.push_back(server.pid());
        return pids;
    }
};

// Without a restart, and without waiting for a monitor: the connection that stands goes on, and each
// one after it logs in with what the file says then.
TEST_F(Care, AnotherPasswordOfReplicationIsTakenFromTheFile) {
    start_load(busy());
    const auto before = servers();
    const auto since = wall_now();
    const std::string other_file = "/etc/duet/mysql-new.cnf";
    const auto old = read_file(active().path("/etc/duet/mysql.cnf")).value();
    auto changed = old;
    const std::string password = "CHANGE-ME-repl";
    ASSERT_NE(std::string::npos, changed.find(password));
    changed.replace(changed.find(password), password.size(), "an-other-one");
    const auto tell = [](const std::string& word) {
        for (const auto* node : node_names)
            sql(pair().node(node),
                cat(unlogged, "SET PASSWORD FOR repl@'10.0.0.%' = PASSWORD('", word, "')"));
    };
    const auto use = [](const std::string& file) {
        active().output_of({"crm_resource", "-r", "db", "-p", "credentials", "-v", file});
    };
    afterwards([=] {
        tell(password);
        use("/etc/duet/mysql.cnf");
    });
    tell("an-other-one");
    for (const auto* node : node_names)
        replace_file(pair().node(node).path(other_file), changed, Durability::none, 0600);
    use(other_file);
    for (const auto* node : node_names)
        wait_for_log(node, "Result of reload-agent operation for db ok", since, soon);
    EXPECT_EQ(before, servers()) << "nothing was restarted";
    // The old login is of no use for the next connection.
    const auto cut = wall_now();
    pair().world().ask("cut database");
    wait_for_state("a", "solo", limit);
    pair().world().ask("heal");
    wait_for_log("a", "granted b the role", cut, limit);
    wait_until_healthy(limit);
    EXPECT_EQ(before, servers());
    EXPECT_EQ(0, promotions_since(since));
    move_away();
    let_return();
    run_on();
    const auto history = stop_load();
    report("write gap of a reconnection", history.write_gap(cut).seconds());
    expect_nothing_lost(history);
}

// Where others can read: logs, the CIB, command lines.
TEST_F(Care, NoSecretIsShown) {
    constexpr const char* secrets = "[C]HANGE-ME-(agent|repl)";
    for (const auto* name : node_names) {
        const auto& node = pair().node(name);
        EXPECT_NE("", node.output_of({"grep", "-rlE", secrets, "/etc/duet"})) << "they are these";
        EXPECT_EQ("", node.run({"grep", "-rlE", secrets, "/var/log", "/var/lib/pacemaker",
                                "/var/lib/duet", "/run"}).out);
        const auto cib = node.output_of({"cibadmin", "--query"});
        EXPECT_NE(std::string::npos, cib.find("/etc/duet/mysql.cnf")) << "where they are, it says";
        EXPECT_EQ(std::string::npos, cib.find("CHANGE-ME-"));
        // Of a few monitors, too.
        const auto show = [&](const char* words) {
            return node.run({"sh", "-c", cat("grep -alE '", words, "' /proc/[0-9]*/cmdline 2>&-")}).out;
        };
        EXPECT_NE("", show("[m]ariadbd")) << "command lines can be read";
        for (int look = 0; look < 100; ++look) EXPECT_EQ("", show(secrets));
    }
}

// The standby's copy of an event is disabled by replication, and the active's scheduler is the only
// one that runs, wherever the active is.
TEST_F(Care, ScheduledEventsRunOnTheActiveAlone) {
    // Whoever runs it is the one who writes its own number.
    sql(active(), "DROP TABLE IF EXISTS site.ticks; CREATE TABLE site.ticks (id BIGINT PRIMARY KEY "
                  "AUTO_INCREMENT, server INT) ENGINE = InnoDB; DROP EVENT IF EXISTS site.tick; "
                  "CREATE EVENT site.tick ON SCHEDULE EVERY 1 SECOND DO INSERT INTO site.ticks "
                  "(server) VALUES (@@server_id)");
    afterwards([] { sql(active(), "DROP EVENT IF EXISTS site.tick"); });
    start_load(busy());
    const auto expect_none_of = [](const std::string& node) {
        EXPECT_EQ("OFF", sql(pair().node(node), "SELECT @@event_scheduler")) << "on " << node;
    };
    const auto expect_ticks_of = [](const std::string& node) {
        const auto server = sql(pair().node(node), "SELECT @@server_id");
        const auto last = sql(pair().node(node), "SELECT COALESCE(MAX(id), 0) FROM site.ticks");
        const auto count = cat("SELECT COUNT(*) FROM site.ticks WHERE id > ", last);
        const auto deadline = Deadline::after(soon);
        while (sql(pair().node(node), count) < "3")
            deadline.pause(Milliseconds(200), cat("events on ", node));
        EXPECT_EQ(server, sql(pair().node(node),
                              cat("SELECT DISTINCT server FROM site.ticks WHERE id > ", last)));
    };
    expect_ticks_of("a");
    expect_none_of("b");
    move_away();
    expect_ticks_of("b");
    expect_none_of("a");
    let_return();
    expect_ticks_of("a");
    expect_none_of("b");
    // And after a death.
    const auto cut = wall_now();
    active().cut_power();
    wait_until_active("b", limit);
    expect_ticks_of("b");
    wait_until_healthy(Milliseconds(120'000));
    expect_ticks_of("a");
    expect_none_of("b");
    EXPECT_EQ(2, promotions_since(cut));
    expect_nothing_lost(stop_load());
    EXPECT_EQ(sql(active(), "SELECT COUNT(*) FROM mysql.event"), "1");
}

class Strangers : public Scenario {
  protected:
    static std::string disk(const std::string& node) { return pair().world().place().disk(node); }
    static std::string data(const std::string& node) { return disk(node) + "/var/lib/mysql"; }
    // As if the two had never met: nothing is left of their epochs, and each has what it has.
    void forget_each_other(const std::function<void()>& meanwhile = [] {}) {
        afterwards([] { pair().world().down(); });
        for (const auto* node : node_names) pair().world().ask(cat("bmc ", node, " boots no"));
        for (const auto* node : node_names) pair().node(node).cut_power();
        for (const auto* node : node_names) std::filesystem::remove(data(node) + "/duet.state");
        meanwhile();
        for (const auto* node : node_names) pair().node(node).power_on();
    }
    static void expect_nobody(Milliseconds span) {
        const auto deadline = Deadline::after(span);
        while (!deadline.expired()) {
            EXPECT_EQ("", pair().active());
            if (HasFailure()) return;
            std::this_thread::sleep_for(Milliseconds(300));
        }
    }
};

TEST_F(Strangers, TwoServersWithDataThatNeverMetAreRefused) {
    forget_each_other();
    for (const auto* node : node_names) wait_for_state(node, "unrelated", limit);
    expect_nobody(Milliseconds(6'000));
    for (const auto* node : node_names) {
        EXPECT_EQ("1", sql(pair().node(node), "SELECT @@read_only"));
        EXPECT_FALSE(std::filesystem::exists(data(node) + "/duet.state"));
    }
    wait_for_log("a", "both servers have data and neither was ever promoted by duet",
                 wall_now() - std::chrono::seconds(120), soon);
}

TEST_F(Strangers, AForeignReplicationIsLeftAlone) {
    // The server's own file of its channel, as it was before this pair: the fourth line is the host.
    forget_each_other([] {
        const auto path = data("b") + "/master.info";
        auto lines = split(read_file(path).value(), '\n');
        ASSERT_EQ("10.0.0.1", lines.at(3));
        lines[3] = "10.0.0.77";
        std::ofstream(path) << join(lines, "\n");
    });
    wait_for_state("b", "foreign", limit);
    expect_nobody(Milliseconds(4'000));
    const auto status = standby().output_of({"mariadb", "-E", "-e", "SHOW SLAVE STATUS"});
    EXPECT_NE(std::string::npos, status.find("Master_Host: 10.0.0.77")) << status;
    EXPECT_NE(std::string::npos, status.find("Slave_IO_Running: No")) << status;
}

}  // namespace

}  // namespace duet::lab
