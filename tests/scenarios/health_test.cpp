// SPDX-License-Identifier: GPL-2.0-or-later
// The active database runs and is not well, or only seems so.
#include <csignal>

#include "disk.hpp"
#include "scenario.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds limit{60'000};
constexpr Milliseconds back_again{180'000};
constexpr auto data = "/var/lib/mysql", filling = "/var/lib/mysql/filling";

class Unwell : public Scenario {
  protected:
    static LoadOptions busy() {
        LoadOptions options;
        options.writers = 8;
        return options;
    }
    // The connection that is reserved for root may be the monitor's just now.
    static std::string patient_sql(const std::string& statement) {
        const auto patience = Deadline::after(Milliseconds(10'000));
        for (;;) try {
                return sql(active(), statement);
            } catch (const Failure&) {
                patience.pause(Milliseconds(100), "a connection of root's");
            }
    }
    // Seconds until the monitor of the active said these words.
    static double decided(WallTime since, const std::string& words) {
        const auto path = pair().world().place().disk("a") + "/var/log/pacemaker/pacemaker.log";
        const auto when = find_in_log(path, since, "duet-mysql monitor: " + words);
        EXPECT_TRUE(when) << "'" << words << "' does not stand in the log of a";
        return when ? seconds_between(since, *when) : 1e9;
    }
    static std::string sql(const Node& node, const std::string& statement) {
        return node.output_of({"mariadb", "--no-defaults", "-N", "-e", statement});
    }
    static void clean_up() { standby().output_of({"crm_resource", "--cleanup"}); }
};

TEST_F(Unwell, AFrozenActiveIsDecidedWithinThreeSeconds) {
    start_load(busy());
    const auto since = wall_now();
    ASSERT_EQ(1, active().signal("mariadbd", SIGSTOP));
    wait_until_active("b", limit);
    run_on();
    clean_up();
    wait_until_healthy(back_again);
    const auto history = stop_load();
    const double seconds = decided(since, "mysqld runs, but has not answered");
    report("decided after", seconds);
    EXPECT_LT(seconds, 3.2) << "three seconds, and the log's own delay";
    report("write gap", history.write_gap(since).seconds());
    EXPECT_LT(history.write_gap(since).seconds(), 60);
    expect_nothing_lost(history);
}

TEST_F(Unwell, ClientsThatUseUpTheConnectionsMoveNothing) {
    start_load();
    const auto since = wall_now();
    afterwards([] { patient_sql("SET GLOBAL max_connections = 151"); });
    sql(active(), "SET GLOBAL max_connections = 30");
    // More than there is room for, each trying again for as long as it is refused.
    active().output_of({"sh", "-c",
                        "for i in $(seq 40); do (for n in $(seq 100); do mariadb --no-defaults"
                        " -h 10.0.0.1 -u site -pCHANGE-ME-site -e 'SELECT SLEEP(12)' && break;"
                        " sleep 0.2; done) >/dev/null 2>&1 & done; sleep 2"});
    EXPECT_GE(std::stoi(patient_sql("SELECT COUNT(*) FROM information_schema.processlist")), 30);
    run_on(Milliseconds(8'000));
    EXPECT_EQ("a", pair().active());
    EXPECT_EQ(0, promotions_since(since));
    const auto now = pair().status();
    ASSERT_TRUE(now);
    for (const auto& failure : now->failures)
        EXPECT_FALSE(failure.operation.starts_with("db_")) << failure.reason;
    run_on(Milliseconds(5'000));
    expect_nothing_lost(stop_load());
}

// The data of a on a small file system, and back on the large one.
class SmallDisk : public Unwell {
  protected:
    static void without_database(const std::string& script) {
        standby().output_of({"crm", "node", "standby", "a"});
        pair().wait_until("a without a database", limit, [](const ClusterStatus& now) {
            return now.count("db", "Promoted") == 1 && now.where("db", "Promoted") == "b" &&
                   now.count("db", "Unpromoted") == 0;
        });
        EXPECT_TRUE(active().processes("mariadbd").empty());
        active().output_of({"sh", "-ec", script});
        standby().output_of({"crm", "node", "online", "a"});
        wait_until_healthy(back_again);
    }
};

TEST_F(SmallDisk, AnActiveWithAFullDiskHandsOver) {
    without_database("mkdir -p /run/small; mount -t tmpfs -o size=400m none /run/small;"
                     " cp -a --sparse=never /var/lib/mysql/. /run/small; chown mysql: /run/small;"
                     " mount --move /run/small /var/lib/mysql");
    const auto free_again = [] { active().run({"rm", "-f", filling}); };
    start_load(busy());
    const auto since = wall_now();
    active().run({"dd", "if=/dev/zero", cat("of=", filling), "bs=64k"});
    wait_until_active("b", limit);
    run_on();
    const double seconds = decided(since, cat("the file system of '", data, "' is full"));
    report("decided after", seconds);
    EXPECT_LT(seconds, 5) << "dd takes its time, too";
    free_again();
    clean_up();
    wait_until_healthy(back_again);
    const auto history = stop_load();
    report("write gap", history.write_gap(since).seconds());
    expect_nothing_lost(history);
    without_database("mkdir -p /run/small; mount --move /var/lib/mysql /run/small;"
                     " find /var/lib/mysql -mindepth 1 -delete;"
                     " cp -a /run/small/. /var/lib/mysql; umount /run/small");
}

TEST_F(SmallDisk, AnActiveWhoseDiskHangsIsFenced) {
    if (const auto loops = active().run({"losetup", "--find"}); !loops.succeeded())
        GTEST_SKIP() << "this machine has no loop device: " << loops.last_words();
    // The next scenario must not have what stays of it.
    afterwards([] { pair().world().down(); });
    without_database("truncate -s 1G /root/mysql.img; mkfs.ext4 -q /root/mysql.img;"
                     " mkdir -p /run/small; mount -o loop /root/mysql.img /run/small;"
                     " cp -a /var/lib/mysql/. /run/small; chown mysql: /run/small;"
                     " mount --move /run/small /var/lib/mysql");
    start_load(busy());
    const auto since = wall_now();
    freeze(disk_of(active().pid()));
    report("freezing took", seconds_between(since, wall_now()));
    wait_until_active("b", back_again);
    report("active elsewhere after", seconds_between(since, wall_now()));
    run_on();
    const double seconds = decided(since, "mysqld runs, but has not answered");
    report("decided after", seconds);
    EXPECT_LT(seconds, 3.2) << "three seconds, and the log's own delay";
    wait_until_healthy(back_again);
    run_on();
    const auto history = stop_load();
    const auto path = pair().world().place().disk("a") + "/var/log/pacemaker/pacemaker.log";
    EXPECT_TRUE(find_in_log(path, since, "survives even SIGKILL: it waits for a disk"));
    EXPECT_TRUE(read_timeline(pair(), "b", since, history).fenced)
        << "nothing else ends a process that waits for its disk";
    report("write gap", history.write_gap(since).seconds());
    EXPECT_LT(history.write_gap(since).seconds(), 60);
    expect_nothing_lost(history);
}

}  // namespace

}  // namespace duet::lab
