// SPDX-License-Identifier: GPL-2.0-or-later
// A standby whose data no longer are the active's: it is seen, it may not take over, the active goes
// on, and after a repair by hand, on the database alone, it is a standby again.
#include "scenario.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds soon{20'000};
constexpr Milliseconds limit{60'000};
constexpr Milliseconds back_again{180'000};

// Not into the binary log: such statements leave no trace but the difference itself.
constexpr const char* unlogged = "SET SESSION sql_log_bin = 0; ";

class Broken : public Scenario {
  protected:
    static void expect_unfit(const std::string& state) {
        wait_for_state("b", state, soon);
        const auto now = pair().status();
        ASSERT_TRUE(now);
        EXPECT_EQ("-INFINITY", now->attribute("b", "master-db"));
        EXPECT_EQ(preferred, now->where("db", "Promoted"));
    }
    static std::string replication(const std::string& column) {
        const auto status =
            standby().output_of({"mariadb", "-E", "-e", "SHOW SLAVE STATUS"});
        for (const auto& line : split(status, '\n'))
            if (const auto text = std::string(trim(line)); text.starts_with(column + ": "))
                return text.substr(column.size() + 2);
        return {};
    }
    static void wait_for_fitness() {
        pair().wait_until("the standby to be eligible", limit, [](const ClusterStatus& now) {
            return now.attribute("b", "db-state") == "granted" &&
                   now.attribute("b", "master-db") == "900";
        });
    }
    // All but the last. A connection that still reads for the dead standby would keep the others.
    static void purge_logs(const Node& node) {
        const auto dead = sql(node, "SELECT id FROM information_schema.processlist WHERE command = "
                                    "'Binlog Dump'");
        for (const auto& id : split_words(dead)) sql(node, cat("KILL ", id));
        sql(node, "FLUSH BINARY LOGS; FLUSH BINARY LOGS");
        const auto names = [&] { return split(sql(node, "SHOW BINARY LOGS"), '\n'); };
        const auto deadline = Deadline::after(soon);
        for (auto logs = names(); logs.size() > 1; logs = names()) {
            deadline.pause(Milliseconds(50), "the purge of the binary logs");
            sql(node, cat("PURGE BINARY LOGS TO '", split_words(logs.back()).at(0), "'"));
        }
    }
    // Nobody may take the place of an active that dies now; it comes back to its own.
    void expect_no_take_over() {
        const auto dark = wall_now();
        active().cut_power();
        wait_for_promotion(dark, limit);
        wait_until_active(preferred, limit);
        EXPECT_EQ(1, promotions_since(dark)) << "of " << preferred << " itself";
    }
    // What the manual calls seeding anew, with the tools of the server: the standby has what the
    // dump has, and follows from there. RESET SLAVE forgets the error, and the agent begins anew.
    static void seed_by_hand() {
        const auto dump = active().output_of({"mariadb-dump", "--single-transaction", "--gtid",
                                              "--master-data=1", "--databases", "site", "duet"});
        sql(standby(), cat("STOP SLAVE; ", unlogged, "RESET MASTER;\n", dump,
                           "\nRESET SLAVE;"));
    }
};

TEST_F(Broken, AnApplierThatStoppedIsEligibleAgainWhenItsRowIsRepaired) {
    sql(active(), "DROP TABLE IF EXISTS site.care; CREATE TABLE site.care (id INT PRIMARY KEY, "
                  "word VARCHAR(8)) ENGINE = InnoDB; INSERT INTO site.care VALUES (1, 'old')");
    start_load(busy());
    const auto since = wall_now();
    // A row that the standby has already.
    sql(standby(), cat(unlogged, "INSERT INTO site.care VALUES (2, 'mine')"));
    sql(active(), "INSERT INTO site.care VALUES (2, 'yours')");
    expect_unfit("broken");
    EXPECT_EQ("1062", replication("Last_SQL_Errno"));
    run_on();
    sql(standby(), cat(unlogged, "DELETE FROM site.care WHERE id = 2; START SLAVE SQL_THREAD"));
    wait_for_fitness();
    EXPECT_EQ(0, promotions_since(since));
    // A row that the standby has no more, and the active dies before it is repaired.
    const auto again = wall_now();
    sql(standby(), cat(unlogged, "DELETE FROM site.care WHERE id = 1"));
    sql(active(), "UPDATE site.care SET word = 'new' WHERE id = 1");
    expect_unfit("broken");
    EXPECT_EQ("1032", replication("Last_SQL_Errno"));
    expect_no_take_over();
    sql(standby(), cat(unlogged, "INSERT INTO site.care VALUES (1, 'old'); START SLAVE SQL_THREAD"));
    wait_until_healthy(back_again);
    wait_for_fitness();
    const auto history = stop_load();
    report("write gap", history.write_gap(since, again).seconds());
    EXPECT_LT(history.write_gap(since, again).seconds(), 2) << "a broken applier disturbs nobody";
    expect_nothing_lost(history);
    EXPECT_EQ("1\tnew\n2\tyours", sql(standby(), "SELECT * FROM site.care ORDER BY id"));
}

TEST_F(Broken, AStandbyThatSomebodyOpensIsClosedAtOnce) {
    start_load(busy());
    for (int times = 0; times < 2; ++times) {
        const auto since = wall_now();
        sql(standby(), "SET GLOBAL read_only = OFF");
        wait_for_log("b", "this standby was open for writes", since, Milliseconds(20'000));
        run_on();
        report("closed after", seconds_between(since, wall_now()) - 1);
        EXPECT_NE("0", sql(standby(), "SELECT @@read_only"));
        EXPECT_EQ(0, promotions_since(since));
    }
    wait_for_fitness();
    expect_data_whole(stop_load());
}

TEST_F(Broken, AWriteOnTheStandbyPutsItIntoQuarantine) {
    sql(active(), "DROP TABLE IF EXISTS site.care; CREATE TABLE site.care (id INT PRIMARY KEY, "
                  "word VARCHAR(8)) ENGINE = InnoDB");
    start_load(busy());
    const auto since = wall_now();
    // Root over the socket has every right, and read_only does not hold it.
    sql(standby(), "INSERT INTO site.care VALUES (1, 'rogue')");
    expect_unfit("diverged");
    say(replication("Last_SQL_Error"));
    run_on();
    EXPECT_EQ("1\trogue", sql(standby(), "SELECT * FROM site.care")) << "it is left untouched";
    EXPECT_EQ(0, promotions_since(since));
    const auto again = wall_now();
    expect_no_take_over();
    expect_unfit("diverged");
    seed_by_hand();
    wait_until_healthy(back_again);
    wait_for_fitness();
    const auto history = stop_load();
    report("write gap", history.write_gap(since, again).seconds());
    EXPECT_LT(history.write_gap(since, again).seconds(), 2) << "a rogue write disturbs nobody";
    expect_nothing_lost(history);
    EXPECT_EQ("", sql(standby(), "SELECT * FROM site.care"));
}

TEST_F(Broken, AStandbyThatNeedsPurgedBinaryLogsSaysSo) {
    start_load(busy());
    pair().world().ask("bmc b boots no");
    standby().cut_power();
    wait_for_state("a", "solo", limit);
    run_on();
    purge_logs(active());
    const auto back = wall_now();
    standby().power_on();
    expect_unfit("too-old");
    EXPECT_EQ("1236", replication("Last_IO_Errno"));
    say(replication("Last_IO_Error"));
    run_on(Milliseconds(3'000));
    const auto now = pair().status();
    ASSERT_TRUE(now);
    EXPECT_EQ("solo", now->attribute("a", "db-state"));
    EXPECT_TRUE(now->failures.empty());
    const auto repaired = wall_now();
    seed_by_hand();
    wait_until_healthy(back_again);
    wait_for_fitness();
    EXPECT_EQ(0, promotions_since(back));
    const auto history = stop_load();
    report("write gap", history.write_gap(back, repaired).seconds());
    EXPECT_LT(history.write_gap(back, repaired).seconds(), 2);
    expect_nothing_lost(history);
}

}  // namespace

}  // namespace duet::lab
