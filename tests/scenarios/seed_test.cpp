// SPDX-License-Identifier: GPL-2.0-or-later
// A standby that cannot follow is seeded anew from the active, under load.
#include <csignal>
#include <thread>

#include "file.hpp"
#include "scenario.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds limit{60'000};
constexpr Milliseconds back_again{240'000};

class Seed : public Scenario {
  protected:
    void SetUp() override {
        Scenario::SetUp();
        afterwards([] {
            wait_until_healthy(back_again);
            set("reseed", "manual");
            set("reseed_rate", "40");
        });
    }

    static void set(const std::string& parameter, const std::string& value) {
        active().output_of({"crm_resource", "--resource", "db", "--set-parameter", parameter,
                            "--parameter-value", value});
        run_for(Milliseconds(3'000));  // until it is reloaded everywhere
        wait_until_active("a", limit);
    }
    static LoadOptions busy() {
        LoadOptions options;
        options.writers = 8;
        return options;
    }
    static std::string sql(const Node& node, const std::string& statement) {
        return node.output_of({"mariadb", "--no-defaults", "-S", "/run/mysqld/mysqld.sock", "-NBe",
                               statement});
    }
    static void wait_for_attribute(const std::string& name, const std::string& beginning,
                                   Milliseconds patience = limit) {
        pair().wait_until(cat(name, " of b to be ", beginning), patience,
                          [&](const ClusterStatus& now) {
                              const auto value = now.attribute("b", name);
                              return value.starts_with(beginning);
                          });
    }
    // As slowly as that can be told, so that something can happen in the middle.
    static void begin_slowly() {
        set("reseed_rate", "1");
        active().output_of({"attrd_updater", "-N", "b", "-n", "db-reseed", "-U", "yes"});
        wait_for_attribute("db-state", "seeding");
        pair().wait_until("the data to flow", limit, [](const ClusterStatus&) {
            return !active().processes("mariadb-backup").empty();
        });
    }
    static void run_for(Milliseconds span) { std::this_thread::sleep_for(span); }
    // The folder of a freshly installed server, with the shipped accounts.
    static void empty_database(const Node& node) {
        const std::string data = "/var/lib/mysql";
        node.output_of({"find", data, "-mindepth", "1", "-delete"});
        node.output_of({"mariadb-install-db", "--no-defaults", "--user=mysql", "--skip-test-db",
                        "--force", "--datadir=" + data, "--auth-root-authentication-method=socket"},
                       limit);
        const auto accounts =
            read_file(cat(DUET_LAB_SOURCE, "/crm-examples/accounts.sql")).value_or("");
        node.output_of({"mariadbd", "--no-defaults", "--bootstrap", "--user=mysql",
                        "--datadir=" + data},
                       limit, "FLUSH PRIVILEGES;\n" + accounts);
    }
};

TEST_F(Seed, AnEmptyServerBesideOneWithDataAndPurgedLogs) {
    set("reseed", "auto");
    start_load(busy());
    run_on();
    active().output_of({"crm", "node", "standby", "b"});
    pair().wait_until("b to be stopped", limit, [](const ClusterStatus& now) {
        return now.attribute("b", "db-state") == "stopped";
    });
    empty_database(standby());
    sql(active(), "FLUSH BINARY LOGS");
    const auto last = sql(active(), "SHOW MASTER STATUS");
    sql(active(), cat("PURGE BINARY LOGS TO '", last.substr(0, last.find('\t')), "'"));
    const auto since = wall_now();
    active().output_of({"crm", "node", "online", "b"});
    wait_for_attribute("db-state", "granted", back_again);
    wait_until_healthy(back_again);
    run_on();
    EXPECT_EQ(0, promotions_since(since));
    expect_nothing_lost(stop_load());
}

TEST_F(Seed, ADivergedServerAfterWhatItAloneHasWasSaved) {
    set("reseed", "auto");
    start_load(busy());
    const auto since = wall_now();
    sql(standby(), "CREATE DATABASE rogue");
    wait_for_attribute("db-diverged", "0-2-");
    wait_for_attribute("db-state", "granted", back_again);
    wait_until_healthy(back_again);
    run_on();
    EXPECT_EQ("", sql(standby(), "SHOW DATABASES LIKE 'rogue'"));
    EXPECT_NE("", standby().output_of({"grep", "-rl", "rogue", "/var/lib/duet/mysql-db"}));
    EXPECT_EQ(0, promotions_since(since));
    expect_nothing_lost(stop_load());
}

TEST_F(Seed, AServerThatIsWellByCommand) {
    start_load(busy());
    run_on();
    const auto since = wall_now();
    active().output_of({"attrd_updater", "-N", "b", "-n", "db-reseed", "-U", "yes"});
    wait_for_attribute("db-state", "seeding");
    wait_for_attribute("db-state", "granted", back_again);
    wait_until_healthy(back_again);
    EXPECT_EQ("", pair().status()->attribute("b", "db-seed")) << "it has not failed";
    run_on();
    EXPECT_EQ(0, promotions_since(since));
    EXPECT_TRUE(pair().status()->failures.empty());
    expect_nothing_lost(stop_load());
}

TEST_F(Seed, IsGivenUpWhenTheDonorEndsAndTheOldDataStay) {
    start_load(busy());
    begin_slowly();
    ASSERT_GE(active().signal("mariadb-backup", SIGKILL), 1);
    wait_for_attribute("db-seed", "failed: the active server could not");
    set("reseed_rate", "40");
    wait_for_attribute("db-state", "granted", back_again);
    wait_until_healthy(back_again);
    run_on();
    expect_nothing_lost(stop_load());
}

TEST_F(Seed, IsGivenUpWhenTheTakingProcessIsKilled) {
    start_load(busy());
    begin_slowly();
    const auto words =
        split_words(standby().output_of({"cat", "/run/duet/mysql-db/seed"}));
    ASSERT_EQ(2u, words.size());
    const auto since = wall_now();
    standby().output_of({"kill", "-KILL", words[0]});
    wait_for_attribute("db-seed", "failed: the process that seeded this server was ended");
    set("reseed_rate", "40");
    wait_for_attribute("db-state", "granted", back_again);
    wait_until_healthy(back_again);
    run_on();
    EXPECT_EQ(0, promotions_since(since));
    EXPECT_TRUE(pair().status()->failures.empty());
    expect_nothing_lost(stop_load());
}

// The active's address does not answer any more, and the cluster's other ring still does.
TEST_F(Seed, IsGivenUpWhenTheNetworkBetweenThemIsCut) {
    start_load(busy());
    begin_slowly();
    standby().output_of({"nft", "add", "table", "inet", "seed"});
    afterwards([] { standby().run({"nft", "delete", "table", "inet", "seed"}); });
    standby().output_of({"nft", "add", "chain", "inet", "seed", "in",
                         "{ type filter hook input priority 0; }"});
    standby().output_of(
        {"nft", "add", "rule", "inet", "seed", "in", "tcp", "dport", "4444", "drop"});
    wait_for_attribute("db-seed", "failed: the active server ended in the middle of the data");
    standby().output_of({"nft", "delete", "table", "inet", "seed"});
    set("reseed_rate", "40");
    wait_for_attribute("db-state", "granted", back_again);
    wait_until_healthy(back_again);
    run_on();
    expect_nothing_lost(stop_load());
}

TEST_F(Seed, TheStandbyIsNotEligibleWhenTheActiveDiesMeanwhile) {
    start_load(busy());
    begin_slowly();
    const auto since = wall_now();
    active().cut_power();
    run_on(Milliseconds(5'000));
    EXPECT_NE("b", pair().active()) << "it has half of the data";
    wait_until_active("a", back_again);
    wait_until_healthy(back_again);
    run_on();
    EXPECT_EQ(1, promotions_since(since)) << "the old one alone";
    expect_nothing_lost(stop_load());
}

TEST_F(Seed, EndsWithTheStandbysStop) {
    start_load(busy());
    begin_slowly();
    active().output_of({"crm", "node", "standby", "b"});
    pair().wait_until("b to be stopped", limit, [](const ClusterStatus& now) {
        return now.attribute("b", "db-state") == "stopped";
    });
    EXPECT_TRUE(standby().processes("mbstream").empty());
    set("reseed_rate", "40");
    active().output_of({"crm", "node", "online", "b"});
    wait_until_healthy(back_again);
    run_on();
    expect_nothing_lost(stop_load());
}

}  // namespace

}  // namespace duet::lab
