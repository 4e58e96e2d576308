// SPDX-License-Identifier: GPL-2.0-or-later
// How a standby learns that it cannot follow the active: by comparing the two, with real servers.
#include "file.hpp"
#include "kin.hpp"
#include "mysql_instance.hpp"

namespace duet::test {

namespace {

using mysql::Kinship;

class MysqlKin : public MysqlInstance {
  protected:
    void SetUp() override {
        MysqlInstance::SetUp();
        be_agent_of(b_, "b");
    }

    mysql::Database database() { return MysqlInstance::database(b_); }
    Kinship assess() {
        return mysql::assess_kinship(*instance_, database().look(), server_of(b_));
    }
    Kinship compare() {
        return mysql::compare_before_following(*instance_, database().look(), server_of(b_));
    }
    // b follows a, whatever the comparison says.
    void follow() { database().start_receiver(server_a); }
    bool wait_for(Kinship kinship) {
        return wait([&] { return assess() == kinship; });
    }
    void wait_for_rows(const std::string& count) {
        ASSERT_TRUE(wait([&] { return rows(b_) == count; })) << "never " << count;
    }
    void rogue_write(int id) {
        root(b_.parameters).execute(cat("INSERT INTO site.t VALUES (", id, ')'));
    }
};

TEST_F(MysqlKin, AnEmptyServerAndOneThatFollowedAreKin) {
    EXPECT_EQ(Kinship::kin, compare());
    follow();
    wait_for_rows("0");
    ASSERT_EQ(0u, site_error("INSERT INTO site.t VALUES (1)"));
    wait_for_rows("1");
    EXPECT_EQ(Kinship::kin, assess());
    EXPECT_EQ(Kinship::kin, compare()) << "behind is not beside";
}

TEST_F(MysqlKin, WhatOnlyTheStandbyHasIsNamedAndSavedBeforeItFollows) {
    follow();
    wait_for_rows("0");
    database().stop_receiver();
    rogue_write(100);
    root(b_.parameters).execute("FLUSH BINARY LOGS");
    rogue_write(101);
    ASSERT_EQ(0u, site_error("INSERT INTO site.t VALUES (1)"));
    EXPECT_EQ(Kinship::diverged, compare());
    const auto first = noted();
    EXPECT_TRUE(first.starts_with("0-2-3 0-2-4, saved in /var/lib/duet/mysql-")) << first;
    const auto text = read_file(first.substr(first.find("/var"))).value_or("");
    EXPECT_NE(std::string::npos, text.find("###   @1=100")) << text;
    EXPECT_NE(std::string::npos, text.find("###   @1=101")) << "in the next file";
    EXPECT_EQ(std::string::npos, text.find("CREATE TABLE")) << "both have it";
    EXPECT_EQ(Kinship::diverged, assess()) << "for as long as nothing changes";
    EXPECT_EQ(first, noted());
}

// Seen with 10.11.19: workers that ran ahead had written theirs before the one failed that collided.
TEST_F(MysqlKin, WhatTheApplierWroteBehindARogueWriteHidesNothing) {
    follow();
    wait_for_rows("0");
    database().stop_receiver();
    rogue_write(100);
    ASSERT_EQ(0u, site_error("INSERT INTO site.t VALUES (1)"));
    ASSERT_EQ(0u, site_error("INSERT INTO site.t VALUES (2)"));
    auto worker = root(b_.parameters);
    worker.execute("SET SESSION server_id = 1, gtid_seq_no = 4");
    worker.execute("INSERT INTO site.t VALUES (2)");
    EXPECT_EQ("0-1-4", worker.value("SELECT @@gtid_binlog_pos"));
    EXPECT_EQ(Kinship::diverged, compare());
    const auto text = noted();
    EXPECT_TRUE(text.starts_with("0-2-3, saved in ")) << text;
    const auto sql = read_file(text.substr(text.find("/var"))).value_or("");
    EXPECT_NE(std::string::npos, sql.find("###   @1=100")) << sql;
    EXPECT_EQ(std::string::npos, sql.find("###   @1=2\n")) << "both have it";
}

TEST_F(MysqlKin, ARogueWriteWhileItFollowsIsADivergence) {
    follow();
    wait_for_rows("0");
    rogue_write(100);
    ASSERT_EQ(0u, site_error("INSERT INTO site.t VALUES (1)"));
    EXPECT_TRUE(wait_for(Kinship::diverged));
    EXPECT_TRUE(noted().starts_with("0-2-3, saved in")) << noted();
}

TEST_F(MysqlKin, PurgedBinaryLogsAreNoDivergence) {
    ASSERT_EQ(0u, site_error("INSERT INTO site.t VALUES (1)"));
    auto active = root(a_.parameters);
    active.execute("FLUSH BINARY LOGS");
    active.execute("INSERT INTO site.t VALUES (2)");
    const auto newest = active.rows("SHOW BINARY LOGS").back()["Log_name"];
    // A log that a recovery might still need is kept, and nothing said.
    ASSERT_TRUE(wait([&] {
        active.execute(cat("PURGE BINARY LOGS TO '", newest, "'"));
        return active.rows("SHOW BINARY LOGS").size() == 1;
    }));
    EXPECT_EQ(Kinship::kin, compare()) << "it has nothing of its own";
    follow();
    EXPECT_TRUE(wait_for(Kinship::too_old)) << database().look().receiver_error;
    // Somebody has restored a backup: what was said of the old position does not hold for this one.
    root(b_.parameters).execute("STOP SLAVE");
    root(b_.parameters)
        .execute(cat("SET GLOBAL gtid_slave_pos = '",
                     *active.value("SELECT @@gtid_binlog_pos"), "'"));
    EXPECT_EQ(Kinship::unknown, assess());
    EXPECT_EQ(Kinship::kin, compare());
    follow();
    EXPECT_EQ(Kinship::kin, assess());
}

TEST_F(MysqlKin, AServerThatCannotBeAskedIsNotJudged) {
    kill_hard(a_);
    EXPECT_EQ(Kinship::unknown, compare());
}

}  // namespace

}  // namespace duet::test
