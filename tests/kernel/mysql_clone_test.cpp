// SPDX-License-Identifier: GPL-2.0-or-later
// A standby of MySQL is seeded by CLONE from a serving active, with two real servers.
#include <filesystem>
#include <thread>

#include "file.hpp"
#include "mysql_seed_fixture.hpp"
#include "seed_clone.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

using mysql::SeedPhase;

constexpr const char* kept = "/var/lib/duet/mysql-seeded";

class MysqlCloneOnMysql : public SeedTest {
  protected:
    static void without_log(const AgentCall& agent, const std::string& statement) {
        auto session = root(agent.parameters);
        session.execute("SET SESSION sql_log_bin = 0");
        session.execute(statement);
    }
    // As a client that wrote here before the other server was promoted.
    void write_on_standby() {
        auto session = root(b_.parameters);
        session.execute("SET GLOBAL read_only = OFF");
        session.execute("CREATE DATABASE mine");
        session.execute("CREATE TABLE mine.t AS SELECT 'only here' AS word");
        session.execute("SET GLOBAL super_read_only = ON");
    }
    bool is_cloning() {
        return root(b_.parameters)
            .value("SELECT 1 FROM performance_schema.clone_status WHERE state = 'In Progress'")
            .has_value();
    }
    void wait_for_clone() {
        for (int i = 0; i < 200 && !is_cloning(); ++i)
            std::this_thread::sleep_for(Milliseconds(50));
        ASSERT_TRUE(is_cloning());
    }
    void expect_old_data_alone() {
        EXPECT_FALSE(has(".duet/new"));
        EXPECT_FALSE(std::filesystem::exists(take_.config.datadir + ".duet"));
        EXPECT_EQ("0", root(b_.parameters).value("SELECT COUNT(*) FROM information_schema.schemata"
                                                 " WHERE schema_name = 'site'"));
        expect(0, b_.monitor());
    }
};

TEST_F(MysqlCloneOnMysql, AServerThatLacksPurgedLogsFollowsAfterwards) {
    root(b_.parameters).execute("SET PERSIST long_query_time = 7");
    // The donor's own channel, which a clone has, too.
    database(a_).start_receiver({"b", "10.0.0.2", port_of_b});
    database(a_).stop_receiver();
    const auto key = read_file(take_.config.datadir + "/server-key.pem");
    take();
    ASSERT_EQ("", give());
    ASSERT_EQ(0u, site_error("INSERT INTO site.t VALUES (3, 'behind the clone')"));
    follow();
    EXPECT_EQ("", taken_.get());
    EXPECT_TRUE(wait_for_rows("3")) << rows(b_);
    EXPECT_FALSE(has(".duet/old")) << "removed when it follows";
    EXPECT_FALSE(has("duet.seeded"));
    EXPECT_FALSE(std::filesystem::exists(take_.config.datadir + ".duet"));
    EXPECT_EQ("node b\nown 0\nseen a 2\n", read_file(take_.config.datadir + "/duet.state"));
    EXPECT_EQ("7.000000", root(b_.parameters).value("SELECT @@long_query_time"));
    EXPECT_TRUE(key && key == read_file(take_.config.datadir + "/server-key.pem"));
    EXPECT_NE(root(a_.parameters).value("SELECT @@server_uuid"),
              root(b_.parameters).value("SELECT @@server_uuid"));
    EXPECT_EQ(root(a_.parameters).value("SELECT @@gtid_executed"),
              root(b_.parameters).value("SELECT @@gtid_executed"));
    expect(0, b_.monitor());
}

TEST_F(MysqlCloneOnMysql, TheDonorsChannelDoesNotComeAlong) {
    database(a_).start_receiver({"b", "10.0.0.2", port_of_b});
    database(a_).stop_receiver();
    take();
    ASSERT_EQ("", give());
    for (int i = 0; i < 600 && phase_ != SeedPhase::settling; ++i)
        std::this_thread::sleep_for(Milliseconds(50));
    auto standby = database(b_);
    EXPECT_TRUE(standby.look().channel) << "it is in the clone";
    mysql::finish_seed(take_.config, standby);
    EXPECT_FALSE(standby.look().channel);
    standby.start_receiver({"a", "10.0.0.1", port_of_a});
    EXPECT_EQ("", taken_.get());
}

TEST_F(MysqlCloneOnMysql, WhatItAloneHadIsSavedFirst) {
    write_on_standby();
    const auto own = *root(b_.parameters).value("SELECT @@gtid_executed");
    take();
    ASSERT_EQ("", give());
    follow();
    EXPECT_EQ("", taken_.get());
    EXPECT_FALSE(has("mine"));
    std::string saved;
    for (const auto& entry : std::filesystem::directory_iterator(kept))
        if (entry.path().filename().string().starts_with("diverged-"))
            saved += read_file(entry.path()).value_or("");
    EXPECT_NE(std::string::npos, saved.find("-- Transactions: " + own)) << saved;
    EXPECT_NE(std::string::npos, saved.find("###   @1='only here'")) << saved;
    std::filesystem::remove_all(kept);
}

TEST_F(MysqlCloneOnMysql, NoPasswordIsLoggedAndTheStatementNeedsTls) {
    root(b_.parameters).execute("SET GLOBAL log_output = 'TABLE'");
    root(b_.parameters).execute("SET GLOBAL general_log = ON");
    take();
    auto given = std::async(std::launch::async, [this] { return give(); });
    std::string statement;
    for (int i = 0; i < 2000 && statement.empty(); ++i) {
        if (phase_ == SeedPhase::swapping || phase_ == SeedPhase::settling) break;
        statement = root(b_.parameters)
                        .value("SELECT argument FROM mysql.general_log"
                               " WHERE argument LIKE 'CLONE INSTANCE%'")
                        .value_or("");
    }
    EXPECT_NE(std::string::npos, statement.find("REQUIRE SSL")) << statement;
    EXPECT_EQ(std::string::npos, statement.find("CHANGE-ME")) << statement;
    EXPECT_EQ("", given.get());
    follow();
    EXPECT_EQ("", taken_.get());
}

TEST_F(MysqlCloneOnMysql, ADonorThatDiesLeavesTheOldDataUntouched) {
    write_on_standby();
    take_.config.reseed_rate = 1;
    take();
    ASSERT_EQ("", give());
    wait_for_clone();
    kill_hard(a_);
    EXPECT_NE(std::string::npos, taken_.get().find("CLONE: "));
    EXPECT_TRUE(has("mine"));
    expect_old_data_alone();
}

TEST_F(MysqlCloneOnMysql, WhatAKilledProcessHasBegunIsEnded) {
    take_.config.reseed_rate = 1;
    take();
    ASSERT_EQ("", give());
    wait_for_clone();
    // As the monitor does it that finds the process gone.
    const auto instance = take_.instance();
    mysql::abandon_clone(instance);
    EXPECT_FALSE(is_cloning());
    EXPECT_NE("", taken_.get());
    expect_old_data_alone();
}

TEST_F(MysqlCloneOnMysql, AStopEndsIt) {
    write_on_standby();
    take_.config.reseed_rate = 1;
    take();
    ASSERT_EQ("", give());
    wait_for_clone();
    expect(0, b_("stop"));
    EXPECT_NE("", taken_.get());
    expect(0, b_("start"));
    EXPECT_TRUE(has("mine"));
    expect_old_data_alone();
}

TEST_F(MysqlCloneOnMysql, AMissingPrivilegeIsSaid) {
    without_log(a_, "REVOKE BACKUP_ADMIN ON *.* FROM repl@'10.0.0.%'");
    take();
    give();
    const auto sentence = taken_.get();
    EXPECT_NE(std::string::npos, sentence.find("BACKUP_ADMIN")) << sentence;
    EXPECT_EQ(std::string::npos, sentence.find("CHANGE-ME")) << sentence;
    expect_old_data_alone();
}

TEST_F(MysqlCloneOnMysql, AMissingPluginIsSaid) {
    auto session = root(b_.parameters);
    session.execute("SET GLOBAL read_only = OFF");
    session.execute("UNINSTALL PLUGIN clone");
    session.execute("SET GLOBAL super_read_only = ON");
    take();
    give();
    const auto sentence = taken_.get();
    EXPECT_NE(std::string::npos, sentence.find("no plugin mysql_clone.so")) << sentence;
    expect_old_data_alone();
}

TEST_F(MysqlCloneOnMysql, IsNotSeededFromAnOlderEpoch) {
    mysql::Record record;
    record.node = "b";
    record.own = 5;
    mysql::write_record(take_.config.datadir, record);
    take();
    give();
    EXPECT_NE(std::string::npos, taken_.get().find("epoch"));
    expect_old_data_alone();
}

}  // namespace

}  // namespace duet::test
