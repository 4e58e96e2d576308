// SPDX-License-Identifier: GPL-2.0-or-later
// A standby is seeded from a serving active, with two real servers.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "file.hpp"
#include "mysql_seed_fixture.hpp"
#include "seed_swap.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

using mysql::SeedPhase;

class MysqlSeed : public SeedTest {
  protected:
    // Another server wrote before it.
    void fill(SqlSession& active) override {
        active.execute("SET SESSION server_id = 9");
        active.execute("CREATE DATABASE past");
        active.execute("SET SESSION server_id = 1");
        active.execute("CREATE DATABASE present");
    }
};

TEST_F(MysqlSeed, AServerThatLacksPurgedLogsFollowsAfterwards) {
    take();
    ASSERT_EQ("", give());
    ASSERT_EQ(0u, site_error("INSERT INTO site.t VALUES (3, 'behind the backup')"));
    follow();
    EXPECT_EQ("", taken_.get());
    EXPECT_TRUE(wait_for_rows("3")) << rows(b_);
    EXPECT_FALSE(has(".duet/old")) << "removed when it follows";
    EXPECT_FALSE(has("duet.seeded"));
    EXPECT_EQ("node b\nown 0\nseen a 2\n", read_file(take_.config.datadir + "/duet.state"));
    // The history of before is its own, too: it can be followed by who has that.
    EXPECT_EQ(root(a_.parameters).value("SELECT @@gtid_binlog_state"),
              root(b_.parameters).value("SELECT @@gtid_binlog_state"));
    EXPECT_EQ(root(a_.parameters).value("SELECT @@gtid_binlog_pos"),
              root(b_.parameters).value("SELECT @@gtid_slave_pos"));
    expect(0, b_.monitor());
}

TEST_F(MysqlSeed, GoesOnWhileTheActiveIsWritten) {
    std::atomic<bool> stop{false};
    std::atomic<int> written{0};
    std::thread writer([&] {
        auto session = site();
        // The test's redo log is tiny, and a backup must not be overtaken by it.
        for (int id = 100; !stop; ++id, ++written) {
            session.execute(cat("INSERT INTO site.t VALUES (", id, ", REPEAT('y', 100))"));
            std::this_thread::sleep_for(Milliseconds(2));
        }
    });
    take();
    EXPECT_EQ("", give());
    follow();
    stop = true;
    writer.join();
    EXPECT_GT(written, 10);
    EXPECT_EQ("", taken_.get());
    EXPECT_TRUE(wait_for_rows(cat(2 + written))) << rows(b_) << " of " << 2 + written;
    EXPECT_EQ(root(a_.parameters).rows("CHECKSUM TABLE site.t")[0]["Checksum"],
              root(b_.parameters).rows("CHECKSUM TABLE site.t")[0]["Checksum"]);
}

TEST_F(MysqlSeed, WhatItAloneHadIsSavedFirst) {
    root(b_.parameters).execute("CREATE DATABASE mine");
    root(b_.parameters).execute("CREATE TABLE mine.t AS SELECT 'only here' AS word");
    take();
    ASSERT_EQ("", give());
    follow();
    EXPECT_EQ("", taken_.get());
    EXPECT_FALSE(has("mine"));
    std::string text;
    for (const auto& entry : std::filesystem::directory_iterator("/var/lib/duet/mysql-seeded"))
        if (entry.path().filename().string().starts_with("diverged-"))
            text += read_file(entry.path()).value_or("");
    EXPECT_NE(std::string::npos, text.find("only here")) << text;
}

TEST_F(MysqlSeed, ADonorThatDiesLeavesTheOldDataUntouched) {
    give_.config.reseed_rate = 1;
    root(b_.parameters).execute("CREATE DATABASE mine");
    take();
    auto given = std::async(std::launch::async, [this] { return give(); });
    for (int i = 0; i < 100 && phase_ != SeedPhase::receiving; ++i)
        std::this_thread::sleep_for(Milliseconds(50));
    kill_hard(a_);
    for (const auto& process : processes())
        if (process.executable().ends_with("/mariadb-backup")) process.signal(SIGKILL);
    EXPECT_NE("", given.get());
    const auto sentence = taken_.get();
    EXPECT_NE(std::string::npos, sentence.find("the active server could not: mariadb-backup was "
                                               "ended by signal 9"))
        << sentence;
    EXPECT_TRUE(has("mine"));
    EXPECT_FALSE(has(".duet/new"));
    EXPECT_EQ("0", root(b_.parameters).value("SELECT @@gtid_binlog_pos = ''"));
    expect(0, b_.monitor());
}

TEST_F(MysqlSeed, WhoDoesNotKnowThePasswordGivesNothing) {
    take();
    const auto config = folder_ + "/other.cnf";
    replace_file(config, "[client]\nuser=duet\npassword=CHANGE-ME-agent\n"
                         "[replication]\nuser=repl\npassword=guessed\n",
                 Durability::none, 0600);
    auto credentials = give_.config.credentials;
    give_.config.credentials = config;
    const auto sentence = give();
    EXPECT_NE(std::string::npos, sentence.find("does not know the password")) << sentence;
    give_.config.credentials = credentials;
    EXPECT_EQ("", give()) << "and does not keep the right one from coming";
    follow();
    EXPECT_EQ("", taken_.get());
}

TEST_F(MysqlSeed, IsNotSeededFromAnOlderEpoch) {
    mysql::Record record;
    record.node = "b";
    record.own = 5;
    mysql::write_record(take_.config.datadir, record);
    take();
    give();
    EXPECT_NE(std::string::npos, taken_.get().find("epoch"));
    EXPECT_FALSE(has(".duet/new"));
}

TEST_F(MysqlSeed, DataThatLieElsewhereAreNotTouched) {
    std::ofstream(b_.parameters["config"], std::ios::app)
        << "\ninnodb_log_group_home_dir=" << folder_ << '\n';
    take();
    give();
    const auto sentence = taken_.get();
    EXPECT_NE(std::string::npos, sentence.find("innodb-log-group-home-dir is " + folder_))
        << sentence;
    EXPECT_FALSE(has(".duet/new"));
}

TEST_F(MysqlSeed, AnAnswerToAnotherRequestIsRefused) {
    take({"new", seed_port});
    give({"old", seed_port});
    EXPECT_NE(std::string::npos, taken_.get().find("something else"));
}

TEST_F(MysqlSeed, AFullDiskIsSaidAndChangesNothing) {
    mysql::make_room(take_.config.datadir);
    must({"mount", "-t", "tmpfs", "-o", "size=8m", "none", take_.config.datadir + "/.duet"});
    take();
    EXPECT_NE("", give());
    const auto sentence = taken_.get();
    EXPECT_NE(std::string::npos, sentence.find("mbstream")) << sentence;
    must({"umount", take_.config.datadir + "/.duet"});
    expect(0, b_.monitor());
    EXPECT_TRUE(has("ibdata1"));
}

TEST_F(MysqlSeed, DataThatNoServerStartsOnGoAndTheOldOnesComeBack) {
    root(b_.parameters).execute("CREATE DATABASE mine");
    // An option that only the next start reads, and fails at.
    std::ofstream(b_.parameters["config"], std::ios::app) << "\nno-such-option=1\n";
    take();
    give();
    const auto sentence = taken_.get();
    EXPECT_NE(std::string::npos, sentence.find("does not start on the new data")) << sentence;
    EXPECT_TRUE(has("mine"));
    EXPECT_FALSE(has("site"));
}

TEST(MysqlSwap, APowerCutBetweenAnyTwoMovesIsMended) {
    const std::string data = "/run/swap";
    for (int cut = 0; cut < 2; ++cut) {
        must({"rm", "-rf", data});
        must({"mkdir", "-p", data + "/one"});
        replace_file(data + "/two", "old", Durability::none);
        replace_file(data + "/duet.state", "state", Durability::none);
        mysql::make_room(data);
        replace_file(mysql::new_data(data) + "/two", "new", Durability::none);
        replace_file(mysql::new_data(data) + "/three", "new", Durability::none);
        if (cut == 0) {
            EXPECT_THROW(mysql::swap_in(data, [] { throw std::runtime_error("power cut"); }),
                         std::runtime_error);
            EXPECT_FALSE(std::filesystem::exists(data + "/two")) << "it is out";
            EXPECT_TRUE(mysql::settle_swap(data));
            EXPECT_EQ("old", read_file(data + "/two"));
            EXPECT_TRUE(std::filesystem::exists(data + "/one"));
            EXPECT_FALSE(std::filesystem::exists(data + "/three"));
        } else {
            mysql::swap_in(data, [] {});
            EXPECT_EQ("new", read_file(data + "/two"));
            EXPECT_EQ("old", read_file(mysql::old_data(data) + "/two"));
            EXPECT_EQ("state", read_file(data + "/duet.state"));
            // As if one of the moves in had been the last one.
            must({"mkdir", "-p", mysql::new_data(data)});
            must({"mv", data + "/three", mysql::new_data(data) + "/three"});
            replace_file(data + "/.duet/swap", "in\n", Durability::none);
            EXPECT_TRUE(mysql::settle_swap(data));
            EXPECT_EQ("new", read_file(data + "/three"));
            EXPECT_FALSE(mysql::settle_swap(data));
            mysql::swap_back(data);
            EXPECT_EQ("old", read_file(data + "/two"));
            EXPECT_FALSE(std::filesystem::exists(data + "/three"));
        }
        EXPECT_EQ("state", read_file(data + "/duet.state")) << "it stays where it is";
        EXPECT_FALSE(std::filesystem::exists(data + "/.duet/swap"));
    }
}

}  // namespace

}  // namespace duet::test
