// SPDX-License-Identifier: GPL-2.0-or-later
// A standby is seeded from a serving active, with two real servers.
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "failure.hpp"
#include "file.hpp"
#include "mysql_fixture.hpp"
#include "seed_donate.hpp"
#include "seed_receive.hpp"
#include "seed_stream.hpp"
#include "seed_swap.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

using mysql::Instance;
using mysql::SeedPhase;

constexpr int port = 4444;

// An instance of the agent on a node, as a companion has it.
struct Side {
    mysql::Config config;
    Call call;
    Instance instance() const { return Instance(config, call); }
};

class MysqlSeed : public MysqlTest {
  protected:
    void SetUp() override {
        MysqlTest::SetUp();
        a_ = make_agent("a");
        b_ = make_agent("b");
        expect(0, a_("start"));
        expect(0, a_("promote"));
        expect(0, b_("start"));
        ASSERT_EQ(0u, site_error("CREATE DATABASE site"));
        ASSERT_EQ(0u, site_error("CREATE TABLE site.t (id INT PRIMARY KEY, filling LONGTEXT)"
                                 " ENGINE = InnoDB"));
        ASSERT_EQ(0u, site_error("INSERT INTO site.t VALUES (1, 'one'), (2, REPEAT('x', 3000000))"));
        // Another server wrote before it.
        active_with_a_past();
        // What an empty server would need is gone.
        auto active = root(a_.parameters);
        active.execute("FLUSH BINARY LOGS");
        // What the engine has not written to its disk yet is not purged, and only a warning says so.
        for (int i = 0; i < 100 && active.rows("SHOW BINARY LOGS").size() > 1; ++i) {
            std::this_thread::sleep_for(Milliseconds(50));
            active.execute(cat("PURGE BINARY LOGS TO '",
                               active.rows("SHOW BINARY LOGS").back()["Log_name"], "'"));
        }
        ASSERT_EQ(1u, active.rows("SHOW BINARY LOGS").size());
        give_ = side(a_, "a");
        take_ = side(b_, "b");
        mysql::Record record;
        record.node = "a";
        record.own = 2;
        mysql::write_record(give_.config.datadir, record);
        record.node = "b";
        record.own = 0;
        record.peer_seen["a"] = 2;
        mysql::write_record(take_.config.datadir, record);
    }

    void active_with_a_past() {
        auto session = root(a_.parameters);
        session.execute("SET SESSION server_id = 9");
        session.execute("CREATE DATABASE past");
        session.execute("SET SESSION server_id = 1");
        session.execute("CREATE DATABASE present");
    }

    static Side side(const AgentCall& agent, const std::string& node) {
        Side side;
        side.config.config = agent.parameters.at("config");
        side.config.datadir = agent.parameters.at("datadir");
        side.config.socket = agent.parameters.at("socket");
        side.config.log = agent.parameters.at("log");
        side.config.credentials = agent.parameters.at("credentials");
        side.config.peers = {"a=10.0.0.1", "b=10.0.0.2:3307"};
        side.config.reseed_rate = 0;
        side.call.agent = "mysql";
        side.call.instance = "seeded";
        side.call.node = node;
        side.call.deadline = Deadline::after(Milliseconds(120'000));
        run_directory(side.call);
        return side;
    }

    // Runs the standby's side beside; its sentence is empty when it succeeded.
    void take(const mysql::SeedRequest& request = {"word", port}) {
        listener_ = mysql::listen_for_seed("10.0.0.2", port);
        taken_ = std::async(std::launch::async, [this, request]() -> std::string {
            try {
                const auto instance = take_.instance();
                mysql::receive_seed(instance, listener_, request,
                                    [this](SeedPhase phase) { phase_ = phase; });
                return {};
            } catch (const std::exception& error) {
                return error.what();
            }
        });
    }
    std::string give(const mysql::SeedRequest& request = {"word", port}) {
        try {
            const auto instance = give_.instance();
            mysql::donate_seed(instance, request);
            return {};
        } catch (const std::exception& error) {
            return error.what();
        }
    }
    // What the standby's monitor does in the meantime.
    void follow() {
        for (int i = 0; i < 600 && phase_ != SeedPhase::settling; ++i)
            std::this_thread::sleep_for(Milliseconds(50));
        ASSERT_EQ(SeedPhase::settling, phase_);
        auto database = take_.instance().connect(std::chrono::seconds(10));
        mysql::finish_seed(take_.config, database);
        database.start_receiver({"a", "10.0.0.1", port_of_a});
    }
    std::string rows(const AgentCall& agent) {
        try {
            return root(agent.parameters).value("SELECT COUNT(*) FROM site.t").value_or("none");
        } catch (const SqlError& error) {
            return error.what();
        }
    }
    bool wait_for_rows(const std::string& count) {
        for (int i = 0; i < 100; ++i) {
            if (rows(b_) == count) return true;
            std::this_thread::sleep_for(Milliseconds(100));
        }
        return false;
    }
    bool has(const std::string& name) {
        return std::filesystem::exists(take_.config.datadir + '/' + name);
    }

    AgentCall a_, b_;
    Side give_, take_;
    Fd listener_;
    std::future<std::string> taken_;
    std::atomic<SeedPhase> phase_{SeedPhase::none};
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
    take({"new", port});
    give({"old", port});
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
