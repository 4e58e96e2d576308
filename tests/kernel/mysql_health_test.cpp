// SPDX-License-Identifier: GPL-2.0-or-later
// A server that runs and is not well, or only seems so. What cannot be made here: an fsync that does
// not return. A frozen server stands for it, which answers nothing either.
#include <sys/mount.h>

#include <csignal>
#include <memory>
#include <thread>

#include "file.hpp"
#include "mysql_fixture.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

constexpr int generic = 1, promoted = 8, failed_promoted = 9, degraded_promoted = 191;

class Health : public MysqlTest {
  protected:
    void SetUp() override {
        MysqlTest::SetUp();
        agent_ = make_agent("a");
    }
    void TearDown() override {
        clients_.clear();
        MysqlTest::TearDown();
    }

    void add_to_config(const std::string& lines) {
        const auto path = agent_.parameters.at("config");
        replace_file(path, *read_file(path) + lines, Durability::none, 0644);
    }

    void promote() {
        start(agent_);
        expect(0, agent_("promote"));
        ASSERT_EQ(0u, site_error("CREATE DATABASE site"));
        ASSERT_EQ(0u, site_error("CREATE TABLE site.t (id INT PRIMARY KEY, v VARCHAR(1000))"));
        expect(promoted, agent_.monitor());
    }

    Milliseconds time(int code, const std::string& words = {}) {
        const auto start = std::chrono::steady_clock::now();
        const auto ended = agent_.monitor();
        const auto took = std::chrono::steady_clock::now() - start;
        expect(code, ended);
        if (!words.empty()) expect_reason(ended, words);
        return std::chrono::duration_cast<Milliseconds>(took);
    }

    // A server that cannot be told not to wait at all lets the monitor wait for a second.
    void expect_well_behind_a_lock() {
        EXPECT_LT(time(promoted), Milliseconds(900 + (is_mysql() ? 1'100 : 0)));
    }

    // ... of the agent, for when clients have taken all connections.
    void take_away_the_extra_port() {
        const auto path = agent_.parameters.at("config");
        auto text = *read_file(path);
        const std::string line = is_mysql() ? "admin_address = 127.0.0.1" : "extra_port = 3308";
        text.erase(text.find(line), line.size());
        replace_file(path, text + "max_connections = 10\n", Durability::none, 0644);
    }

    void expect_well() { EXPECT_LT(time(promoted), Milliseconds(900)); }

    // Writers whose commits nobody acknowledges.
    void start_stuck_writers(int count) {
        database(agent_).set_waiting(true);
        for (int i = 0; i < count; ++i)
            writers_.push_back(site_later(cat("INSERT INTO site.t VALUES (", 100 + i, ", '')")));
        std::this_thread::sleep_for(Milliseconds(300));
        for (const auto& writer : writers_)
            EXPECT_EQ(std::future_status::timeout, writer.wait_for(std::chrono::seconds(0)));
    }

    void use_up_connections() {
        for (int i = 0; i < 200; ++i) try {
                clients_.push_back(std::make_unique<SqlSession>(site()));
            } catch (const SqlError&) {
                return;
            }
        FAIL() << "no limit was reached";
    }

    // The client that was refused last may still be on its way out.
    SqlSession take_reserved_connection() {
        const auto patience = Deadline::after(Milliseconds(1'000));
        for (;;) try {
                return root(agent_.parameters);
            } catch (const SqlError&) {
                patience.pause(Milliseconds(50), "the reserved connection");
            }
    }

    AgentCall agent_;
    std::vector<std::future<unsigned>> writers_;
    std::vector<std::unique_ptr<SqlSession>> clients_;
};

TEST_F(Health, AFrozenActiveIsDecidedWithinThreeSeconds) {
    promote();
    // The last good monitor has just ended, and the interval passes.
    const auto process = server_of(agent_);
    process.signal(SIGSTOP);
    const auto frozen = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(Milliseconds(1'000));
    time(failed_promoted, "mysqld runs, but has not answered for");
    EXPECT_LT(std::chrono::steady_clock::now() - frozen, std::chrono::seconds(3));
}

TEST_F(Health, AnActiveThatIsSlowOnceIsLeftAlone) {
    promote();
    const auto process = server_of(agent_);
    process.signal(SIGSTOP);
    const auto thawed = std::async(std::launch::async, [&] {
        std::this_thread::sleep_for(Milliseconds(1'400));
        process.signal(SIGCONT);
    });
    EXPECT_GT(time(promoted), Milliseconds(1'000)) << "the first attempt was answered";
}

TEST_F(Health, HowLongAServerMayBeSilentIsAParameter) {
    promote();
    agent_.parameters["hang_time"] = "4s";
    server_of(agent_).signal(SIGSTOP);
    EXPECT_GT(time(failed_promoted, "has not answered for"), Milliseconds(3'800));
}

TEST_F(Health, CommitsThatWaitForTheStandbyAreNoHang) {
    promote();
    start_stuck_writers(8);
    for (int i = 0; i < 3; ++i) expect_well();
    // Somebody's global lock behind them: it waits, and everybody for it.
    auto administrator = std::async(std::launch::async, [this] {
        try {
            root(agent_.parameters).execute("FLUSH TABLES WITH READ LOCK");
        } catch (const SqlError&) {
        }
    });
    std::this_thread::sleep_for(Milliseconds(300));
    EXPECT_EQ(std::future_status::timeout, administrator.wait_for(std::chrono::seconds(0)));
    expect_well_behind_a_lock();
    kill_hard(agent_);
}

TEST_F(Health, TheProbeIsNotReplicated) {
    promote();
    auto administrator = root(agent_.parameters);
    const auto before = database(agent_).look().binlog_position;
    expect_well();
    EXPECT_EQ(before, database(agent_).look().binlog_position);
    EXPECT_EQ("1", administrator.value("SELECT COUNT(*) > 0 FROM duet.probe"));
}

TEST_F(Health, ALockHolderIsNotADeadServer) {
    promote();
    const std::vector<std::vector<const char*>> holders{
        {"FLUSH TABLES WITH READ LOCK"},
        {"LOCK TABLES duet.probe READ"},
        {"LOCK TABLES site.t WRITE"},
        {"BACKUP STAGE START", "BACKUP STAGE FLUSH", "BACKUP STAGE BLOCK_DDL",
         "BACKUP STAGE BLOCK_COMMIT"},
        {"BEGIN", "UPDATE duet.probe SET written = NOW()"},
    };
    for (const auto& statements : holders) {
        // There is no such lock.
        if (is_mysql() && std::string(statements[0]).starts_with("BACKUP")) continue;
        auto holder = root(agent_.parameters);
        for (const auto* statement : statements) holder.execute(statement);
        for (int i = 0; i < 2; ++i) expect_well_behind_a_lock();
    }
    expect_well();
}

TEST_F(Health, TheProbesTableIsMadeAgain) {
    promote();
    root(agent_.parameters).execute("DROP TABLE duet.probe");
    expect_well();
    root(agent_.parameters).execute("DROP DATABASE duet");
    expect_well();
}

TEST_F(Health, AnAccountThatMayNotProbeDoesNotMoveTheService) {
    promote();
    auto administrator = root(agent_.parameters);
    administrator.execute("SET SESSION sql_log_bin = 0");
    administrator.execute("REVOKE ALL ON duet.* FROM duet@localhost");
    expect_well();
}

// What MariaDB does (10.11.19), and why the agent ends no client that commits on an open server.
using HealthOnMariadb = Health;
TEST_F(HealthOnMariadb, AKilledLeaderOfAGroupOfCommitsHasTheOthersToldOk) {
    promote();
    start_stuck_writers(16);
    auto administrator = root(agent_.parameters);
    const auto waiting = "SELECT id FROM information_schema.processlist"
                         " WHERE state = 'Waiting for semi-sync ACK from slave'";
    // The first ones wait alone; those that came behind them are one group.
    int told = 0;
    for (int i = 0; i < 6 && told == 0; ++i) {
        const auto leader = administrator.value(waiting);
        ASSERT_TRUE(leader);
        administrator.execute("KILL " + *leader);
        std::this_thread::sleep_for(Milliseconds(300));
        for (auto& writer : writers_)
            if (writer.valid() &&
                writer.wait_for(std::chrono::seconds(0)) == std::future_status::ready)
                told += writer.get() == 0;
    }
    EXPECT_GT(told, 0) << "it may be that the agent need not spare them any more";
    kill_hard(agent_);
}

// MySQL does not (9.7.4): who is killed goes on waiting, and its client alone does not hear of it.
using HealthOnMysql = Health;
TEST_F(HealthOnMysql, AKilledLeaderOfAGroupOfCommitsHasNobodyToldOk) {
    promote();
    start_stuck_writers(16);
    auto administrator = root(agent_.parameters);
    const auto waiting = "SELECT id AS id FROM performance_schema.processlist"
                         " WHERE state = 'Waiting for semi-sync ACK from replica'";
    for (int i = 0; i < 3; ++i) {
        const auto leader = administrator.value(waiting);
        ASSERT_TRUE(leader);
        administrator.execute("KILL " + *leader);
        std::this_thread::sleep_for(Milliseconds(300));
    }
    EXPECT_EQ(1, database(agent_).look().waiting_commits);
    kill_hard(agent_);
    for (auto& writer : writers_) EXPECT_NE(0u, writer.get());
}

// Of an open server the idle and the reading are ended, and who commits waits on for the standby.
TEST_F(Health, CommitsThatWaitAreSparedWhileTheServerIsOpen) {
    promote();
    start_stuck_writers(16);
    auto idle = site();
    EXPECT_EQ(1, database(agent_).end_clients(false)) << "and who else?";
    EXPECT_THROW(idle.execute("DO 1"), SqlError);
    database(agent_).set_waiting(false);
    for (auto& writer : writers_) EXPECT_EQ(0u, writer.get());
}

// A demote once killed the clients of an open server. The first of a group of commits, killed, waits
// for the standby no longer, and does not for the others either: they were told OK.
TEST_F(Health, CommitsThatWaitAreNeverAnsweredByADemote) {
    agent_.parameters["drain_time"] = "2s";
    promote();
    start_stuck_writers(32);
    const auto start = std::chrono::steady_clock::now();
    const auto ended = agent_("demote");
    expect(generic, ended);
    expect_reason(ended, "could not be closed in time and was ended hard");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(6));
    for (auto& writer : writers_) EXPECT_NE(0u, writer.get()) << "was told that it is safe";
}

TEST_F(Health, ADemoteThatCannotFinishSaysWhyAndDoesNotHang) {
    promote();
    server_of(agent_).signal(SIGSTOP);
    const auto start = std::chrono::steady_clock::now();
    const auto ended = agent_("demote");
    expect(generic, ended);
    expect_reason(ended, "could not be closed in time and was ended hard");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
    expect(7, agent_("monitor"));
}

// ---- connections --------------------------------------------------------------------------------

TEST_F(Health, ClientsThatUseUpTheConnectionsDoNotMoveTheService) {
    take_away_the_extra_port();
    promote();
    use_up_connections();
    EXPECT_GE(clients_.size(), 9u);
    for (int i = 0; i < 3; ++i) expect_well();
}

TEST_F(Health, TheReservedConnectionMayBeTakenToo) {
    take_away_the_extra_port();
    promote();
    use_up_connections();
    const auto administrator = take_reserved_connection();
    expect_well();
    agent_.parameters["drain_time"] = "2s";
}

TEST_F(Health, TheExtraPortIsUsedWhenAllElseIsTaken) {
    add_to_config("max_connections = 10\n");
    promote();
    use_up_connections();
    auto administrator = take_reserved_connection();
    const auto probed = [&] {
        return administrator.value("SELECT MAX(written) FROM duet.probe").value_or("");
    };
    const auto before = probed();
    expect_well();
    EXPECT_NE(before, probed()) << "the monitor has not come in";
    // What it reaches there is a server like any other.
    EXPECT_EQ(0, agent_("demote").exit_code);
}

// ---- the disk -----------------------------------------------------------------------------------

class FullDisk : public Health {
  protected:
    void SetUp() override {
        Health::SetUp();
        const auto& data = agent_.parameters.at("datadir");
        must({"mv", data, data + ".all"});
        must({"mkdir", data});
        must({"mount", "-t", "tmpfs", "-o", "size=120m", "none", data});
        must({"cp", "-a", data + ".all/.", data});
        must({"chown", "mysql:", data});
    }
    void TearDown() override {
        const auto data = agent_.parameters.at("datadir");
        for (const auto& process : processes())
            if (process.working_directory() == data) {
                process.signal(SIGKILL);
                process.wait(Deadline::after(Milliseconds(10'000)));
            }
        ::umount2(data.c_str(), MNT_DETACH);
        Health::TearDown();
    }
    void fill() {
        EXPECT_NE(0, run({"dd", "if=/dev/zero", cat("of=", filling()), "bs=4k"},
                         Deadline::after(Milliseconds(20'000)))
                         .exit_code);
    }
    std::string filling() const { return agent_.parameters.at("datadir") + "/filling"; }
    // Until the binary log needs a new block.
    void write_until_stuck() {
        for (int i = 0; i < 200; ++i)
            if (site_error(cat("INSERT INTO site.t VALUES (", i, ", REPEAT('x', 1000))"))) return;
        FAIL() << "the disk is not full";
    }
};

TEST_F(FullDisk, IsSaidAndIsNoReasonToEndTheOnlyServer) {
    promote();
    fill();
    write_until_stuck();
    agent_.monitor();
    std::this_thread::sleep_for(Milliseconds(1'000));
    const auto sentence =
        cat("the file system of '", agent_.parameters["datadir"], "' is full (0 bytes of 125829120 free)");
    EXPECT_LT(time(degraded_promoted, sentence), Milliseconds(900));
    ::unlink(filling().c_str());
    EXPECT_LT(time(promoted), Milliseconds(900));
}

TEST_F(FullDisk, OfAStandbyEndsIt) {
    expect(0, agent_("start"));
    expect(0, agent_.monitor());
    fill();
    expect(0, agent_.monitor());
    std::this_thread::sleep_for(Milliseconds(1'000));
    time(generic, "is full");
}

TEST_F(FullDisk, IsNamedWhenTheServerEndedOnIt) {
    promote();
    fill();
    kill_hard(agent_);
    const auto ended = agent_.monitor();
    expect(7, ended);
    expect_reason(ended, "is full (0 bytes of 125829120 free)");
}

// Several commits wait for room, one behind the other, and none for the standby.
TEST_F(FullDisk, DoesNotHoldUpADemoteWithManyWriters) {
    agent_.parameters["drain_time"] = "5s";
    promote();
    fill();
    write_until_stuck();
    for (int i = 0; i < 8; ++i)
        writers_.push_back(site_later(cat("INSERT INTO site.t VALUES (", 1000 + i, ", '')")));
    std::this_thread::sleep_for(Milliseconds(300));
    const auto start = std::chrono::steady_clock::now();
    const auto ended = agent_("demote");
    EXPECT_TRUE(ended.exit_code == 0 || ended.exit_code == generic) << ended.err;
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(9));
    for (auto& writer : writers_) EXPECT_NE(0u, writer.get());
}

TEST_F(FullDisk, DoesNotHoldUpDemoteOrStop) {
    agent_.parameters["drain_time"] = "3s";
    promote();
    fill();
    write_until_stuck();
    const auto start = std::chrono::steady_clock::now();
    // MySQL's commits wait for room whoever kills them.
    expect(is_mysql() ? generic : 0, agent_("demote"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(is_mysql() ? 6 : 4));
    expect(0, agent_("stop"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
    expect(7, agent_("monitor"));
}

}  // namespace

}  // namespace duet::test
