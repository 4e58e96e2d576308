// SPDX-License-Identifier: GPL-2.0-or-later
// What is different where the server is MySQL: its relay log, and the tail that it keeps.
#include <csignal>

#include "comparison.hpp"
#include "dialect.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "mysql_pair.hpp"

namespace duet::test {

namespace {

using mysql::compare_with;
using mysql::Verdict;

// ---- versions -----------------------------------------------------------------------------------

TEST(Dialect, IsChosenByTheVersion) {
    const std::pair<const char*, const char*> rows[] = {
        {"10.11.19-MariaDB-0+deb12u1-log", "MariaDB"}, {"11.8.3-MariaDB", "MariaDB"},
        {"5.5.5-10.11.19-MariaDB", "MariaDB"},         {"8.4.0", "MySQL"},
        {"8.4.6-6", "MySQL"},                          {"9.7.4-2", "MySQL"},
        {"10.0.1", "MySQL"}};
    for (const auto& [version, server] : rows)
        EXPECT_STREQ(server, mysql::dialect_of(version).server) << version;
    EXPECT_STREQ("MySQL", mysql::dialect_of_program("/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64"
                                                    " ((Debian))\n").server);
    EXPECT_STREQ("MariaDB", mysql::dialect_of_program("mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for"
                                                      " debian-linux-gnu on x86_64 (Debian 12)")
                                .server);
}

TEST(Dialect, ThereIsNoneForAServerThatIsTooOld) {
    const std::pair<const char*, const char*> rows[] = {{"8.0.43", "MySQL 8.0.43: this agent needs MySQL 8.4"},
                                                        {"8.3.0", "8.3.0"},
                                                        {"5.7.44-log", "5.7.44"},
                                                        {"", "MySQL :"}};
    for (const auto& [version, words] : rows) try {
            mysql::dialect_of(version);
            ADD_FAILURE() << version;
        } catch (const Failure& failure) {
            EXPECT_EQ(Exit::installed, failure.exit());
            EXPECT_NE(std::string::npos, std::string(failure.what()).find(words)) << failure.what();
        }
    EXPECT_THROW(mysql::dialect_of_program("usage: something else"), Failure);
}

// ---- the relay log ------------------------------------------------------------------------------

class MysqlPairOnMysql : public MysqlPair {
  protected:
    std::string own(const AgentCall& agent) { return database(agent).look().applied_position; }

    mysql::Comparison compare(const AgentCall& agent, const Peer& source) {
        return compare_with(source, mysql::read_credentials(agent.parameters.at("credentials")),
                            own(agent));
    }
};

TEST_F(MysqlPairOnMysql, AReceiverThatIsStartedAloneKeepsWhatItReceived) {
    leave_unapplied();
    auto administrator = root(b_.parameters);
    administrator.execute("STOP REPLICA IO_THREAD");
    administrator.execute("START REPLICA IO_THREAD");
    database(b_).start_applier();
    EXPECT_TRUE(wait([&] { return rows(b_) == "2"; }, 50));
}

TEST_F(MysqlPairOnMysql, AReplicationThatIsStartedAnewByHandKeepsWhatItReceived) {
    leave_unapplied();
    auto administrator = root(b_.parameters);
    administrator.execute("STOP REPLICA");
    administrator.execute("START REPLICA");
    EXPECT_TRUE(wait([&] { return rows(b_) == "2"; }, 50));
}

TEST_F(MysqlPairOnMysql, AnApplierThatIsStartedAloneAppliesWhatWasReceived) {
    leave_unapplied();
    database(b_).stop_receiver();
    const auto received = database(b_).look().received_position;
    EXPECT_FALSE(database(b_).wait_applied(received, Milliseconds(0)));
    database(b_).start_applier();
    EXPECT_TRUE(database(b_).wait_applied(received, Milliseconds(5'000)));
    EXPECT_EQ("2", rows(b_));
}

// ---- the tail -----------------------------------------------------------------------------------

TEST_F(MysqlPairOnMysql, ATailThatNobodyHasIsNamedBeforeAnythingIsFollowed) {
    pair_up();
    ASSERT_EQ(0u, insert(1));
    ASSERT_TRUE(wait([&] { return rows(b_) == "1"; }));
    database(b_).stop_receiver();
    auto answer = site_later("INSERT INTO site.t VALUES (2)");
    ASSERT_TRUE(wait([&] { return database(a_).look().waiting_commits == 1; }));
    const auto uuid = root(a_.parameters).value("SELECT @@server_uuid").value_or("");
    kill_hard(a_);
    EXPECT_NE(0u, answer.get()) << "it was never acknowledged";
    database(b_).open();
    EXPECT_EQ(0u, site_error("INSERT INTO site.t VALUES (3)", port_of_b));
    write_epoch_file(a_, "node -\nown 2\nseen b 3\n");
    expect(0, a_("start"));
    const auto found = compare(a_, server_b);
    EXPECT_EQ(Verdict::errant, found.verdict) << found.error;
    ASSERT_EQ(1u, found.errant.size());
    EXPECT_EQ(uuid, found.errant.begin()->first);
    const auto& intervals = found.errant.begin()->second;
    ASSERT_EQ(1u, intervals.size());
    EXPECT_EQ(intervals[0].first, intervals[0].last) << mysql::to_text(found.errant);
    // Replication itself would not notice.
    database(a_).start_receiver(server_b);
    ASSERT_TRUE(wait([&] { return rows(a_) == "3"; }));
    EXPECT_FALSE(database(a_).look().diverged);
    EXPECT_EQ("2", rows(b_));
}

TEST_F(MysqlPairOnMysql, AServerThatHasNothingOfItsOwnMayFollow) {
    EXPECT_EQ(Verdict::clean, compare(b_, server_a).verdict) << "empty";
    pair_up();
    ASSERT_EQ(0u, insert(1));
    ASSERT_TRUE(wait([&] { return rows(b_) == "1"; }));
    EXPECT_EQ(Verdict::clean, compare(b_, server_a).verdict);
    database(b_).stop_receiver();
    database(a_).set_waiting(false);
    ASSERT_EQ(0u, insert(2));
    EXPECT_EQ(Verdict::clean, compare(b_, server_a).verdict) << "behind";
}

// The standby has it and would acknowledge it, if only it were let.
TEST_F(MysqlPairOnMysql, ACommitThatWaitsAtTheSourceIsNotTakenForATail) {
    pair_up();
    root(b_.parameters).execute("SET GLOBAL rpl_semi_sync_replica_enabled = OFF");
    database(b_).stop_receiver();
    database(b_).start_receiver(server_a);
    auto answer = site_later("INSERT INTO site.t VALUES (1)");
    ASSERT_TRUE(wait([&] { return rows(b_) == "1"; }));
    ASSERT_EQ(1, database(a_).look().waiting_commits);
    EXPECT_FALSE(mysql::covers(own(a_), own(b_))) << "the sets alone would tell of a tail";
    EXPECT_EQ(Verdict::clean, compare(b_, server_a).verdict);
    database(a_).set_waiting(false);
    EXPECT_EQ(0u, answer.get());
}

TEST_F(MysqlPairOnMysql, ASourceThatDoesNotAnswerLeavesItOpen) {
    const auto credentials = mysql::read_credentials(b_.parameters["credentials"]);
    auto wrong = credentials;
    wrong.replication_password = "Wrong-Secret";
    const auto refused = compare_with(server_a, wrong, "");
    EXPECT_EQ(Verdict::unknown, refused.verdict);
    EXPECT_EQ(std::string::npos, refused.error.find("Wrong-Secret")) << refused.error;
    const auto start = std::chrono::steady_clock::now();
    server_of(a_).signal(SIGSTOP);
    EXPECT_EQ(Verdict::unknown, compare_with(server_a, credentials, "").verdict);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(6));
    kill_hard(a_);
    const auto gone = compare_with(server_a, credentials, "");
    EXPECT_EQ(Verdict::unknown, gone.verdict);
    EXPECT_NE(std::string::npos, gone.error.find("10.0.0.1")) << gone.error;
}

// A lock on the standby that holds its administrator, too.
TEST_F(MysqlPairOnMysql, NotEvenTheAdministratorWritesOnAStandby) {
    auto administrator = root(b_.parameters);
    try {
        administrator.execute("CREATE DATABASE rogue");
        ADD_FAILURE();
    } catch (const SqlError& error) {
        EXPECT_EQ(1290u, error.code());
    }
    administrator.execute("SET GLOBAL super_read_only = OFF");
    EXPECT_FALSE(database(b_).look().closed);
    EXPECT_FALSE(database(b_).look().open) << "clients may not write yet";
    expect(0, b_.monitor());
    EXPECT_TRUE(database(b_).look().closed);
}

// mysqld takes any living process of its user with the number in this file for its predecessor.
TEST_F(MysqlPairOnMysql, ALockOfAServerThatIsGoneIsRemoved) {
    kill_hard(b_);
    const auto lock = b_.parameters["socket"] + ".lock";
    const auto other = cat(start_daemon({"setpriv", "--reuid=mysql", "--clear-groups", "sleep", "60"}),
                           '\n');
    replace_file(lock, other, Durability::none, 0644);
    expect(0, b_("start"));
    expect(0, b_.monitor());
    EXPECT_NE(other, read_file(lock));
}

}  // namespace

}  // namespace duet::test
