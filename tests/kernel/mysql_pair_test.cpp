// SPDX-License-Identifier: GPL-2.0-or-later
// What the protocol takes for granted of two real servers, by the agent's own statements.
#include <csignal>

#include "gtid.hpp"
#include "mysql_pair.hpp"

namespace duet::test {

namespace {

using mysql::Database;
using mysql::Receiver;

constexpr unsigned no_answer = 2013;

TEST_F(MysqlPair, TheFirstCommitWithNoReplicaEverConnectedWaits) {
    database(a_).set_waiting(true);
    EXPECT_EQ(no_answer, insert(1));
    EXPECT_EQ(1, database(a_).look().waiting_commits);
    EXPECT_EQ("0", rows(a_)) << "after sync: nobody reads what may be lost";
    database(b_).start_receiver(server_a);
    EXPECT_TRUE(wait([&] { return database(a_).look().waiting_commits == 0; }));
    EXPECT_TRUE(wait([&] { return rows(b_) == "1"; }));
    EXPECT_EQ(0u, insert(2));
}

TEST_F(MysqlPair, WithoutItsReceiverTheStandbyAcknowledgesNothing) {
    pair_up();
    EXPECT_EQ(0u, insert(1));
    database(b_).stop_receiver();
    EXPECT_EQ(Receiver::stopped, database(b_).look().receiver);
    EXPECT_EQ(no_answer, insert(2)) << "also after a replica came and went";
    EXPECT_TRUE(wait([&] { return rows(b_) == "1"; })) << "what it had received is applied";
    database(a_).set_waiting(false);
    EXPECT_EQ(0u, insert(3));
}

// What promote relies on.
TEST_F(MysqlPair, AStoppedReceiverKeepsWhatItReceivedForAnApplierThatWorks) {
    pair_up();
    ASSERT_EQ(0u, insert(1));
    ASSERT_TRUE(wait([&] { return rows(b_) == "1"; }));
    auto reader = root(b_.parameters);
    reader.execute("LOCK TABLES site.t READ");
    ASSERT_EQ(0u, insert(2));
    kill_hard(a_);
    database(b_).stop_receiver();
    const auto received = database(b_).look().received_position;
    EXPECT_FALSE(database(b_).wait_applied(received, Milliseconds(100)));
    reader.execute("UNLOCK TABLES");
    EXPECT_TRUE(database(b_).wait_applied(received, Milliseconds(4'000)));
    EXPECT_EQ("2", rows(b_));
}

TEST_F(MysqlPair, AReceiverThatTriesToReconnectKeepsWhatItReceived) {
    leave_unapplied();
    ASSERT_TRUE(wait([&] { return database(b_).look().receiver == Receiver::connecting; }));
    std::this_thread::sleep_for(Milliseconds(1'500));
    database(b_).start_applier();
    EXPECT_TRUE(wait([&] { return rows(b_) == "2"; }, 50));
}

// Why each of them begins a new life, which makes a grant void.
TEST_F(MysqlPair, AReceiverThatIsStartedAnewThrowsAwayWhatItReceived) {
    leave_unapplied();
    database(b_).start_receiver(server_a);
    EXPECT_FALSE(wait([&] { return rows(b_) == "2"; }, 10));
}

using MysqlPairOnMariadb = MysqlPair;
TEST_F(MysqlPairOnMariadb, AnApplierThatIsStartedAloneThrowsAwayWhatWasReceived) {
    leave_unapplied();
    database(b_).stop_receiver();
    const auto received = database(b_).look().received_position;
    EXPECT_FALSE(mysql::covers(database(b_).look().applied_position, received));
    database(b_).start_applier();
    EXPECT_FALSE(wait([&] { return rows(b_) == "2"; }, 10));
    const auto after = database(b_).look();
    EXPECT_TRUE(mysql::covers(after.applied_position, after.received_position))
        << "and now nothing shows that something is missing: applied " << after.applied_position
        << ", received " << after.received_position;
}

TEST_F(MysqlPair, AServerThatIsStartedAnewThrowsAwayWhatItReceived) {
    leave_unapplied();
    kill_hard(b_);
    expect(0, b_("start"));
    database(b_).start_applier();
    EXPECT_FALSE(wait([&] { return rows(b_) == "2"; }, 10));
}

TEST_F(MysqlPair, AMarkerIsWrittenOnlyWhenTheStandbyHasIt) {
    database(a_).set_waiting(true);
    EXPECT_THROW(database(a_, 1).write_marker("a", "L"), SqlError) << "nobody to acknowledge it";
    database(b_).start_receiver(server_a);
    ASSERT_TRUE(wait([&] { return database(a_).look().semi_sync_replicas == 1; }));
    database(a_).write_marker("a", "M");
    const auto position = database(a_).look().binlog_position;
    EXPECT_TRUE(database(b_).wait_applied(position, Milliseconds(5'000)));
    EXPECT_EQ("M", root(b_.parameters).value("SELECT life FROM duet.marker WHERE node = 'a'"));
}

// The numbers by which the agent knows that two servers have diverged.
TEST_F(MysqlPairOnMariadb, AServerWithATransactionOfItsOwnIsToldToHaveDiverged) {
    pair_up();
    ASSERT_EQ(0u, insert(1));
    ASSERT_TRUE(wait([&] { return rows(b_) == "1"; }));
    database(b_).stop_receiver();
    root(b_.parameters).execute("INSERT INTO site.t VALUES (100)");
    database(a_).set_waiting(false);
    ASSERT_EQ(0u, insert(2));
    ASSERT_EQ(0u, insert(3));
    database(b_).start_receiver(server_a);
    EXPECT_TRUE(wait([&] { return database(b_).look().diverged; })) << database(b_).look().receiver_error;
    EXPECT_EQ("2", rows(b_)) << "nothing is merged";
}

// What was cut off because nobody had acknowledged it, and the standby had it after all.
TEST_F(MysqlPairOnMariadb, ATailThatWasCutOffComesBackFromTheOtherServer) {
    pair_up();
    root(b_.parameters).execute("SET GLOBAL rpl_semi_sync_slave_enabled = OFF");
    database(b_).stop_receiver();
    database(b_).start_receiver(server_a);
    auto answer = site_later("INSERT INTO site.t VALUES (1)");
    ASSERT_TRUE(wait([&] { return rows(b_) == "1"; }));
    kill_hard(a_);
    EXPECT_NE(0u, answer.get()) << "it was never acknowledged";
    write_epoch_file(a_, "node -\nown 2\nseen b 3\n");
    expect(0, a_("start"));
    ASSERT_EQ("0", rows(a_));
    database(a_).start_receiver(server_b);
    EXPECT_TRUE(wait([&] { return rows(a_) == "1"; })) << database(a_).look().receiver_error;
}

// A planned move there and back, by the statements alone.
TEST_F(MysqlPair, TheServersFollowEachOtherAsTheRolesChange) {
    pair_up();
    ASSERT_EQ(0u, insert(1));
    expect(0, a_("demote"));
    const auto final = database(a_).look().binlog_position;
    ASSERT_TRUE(database(b_).wait_applied(final, Milliseconds(5'000)));
    database(b_).stop_receiver();
    database(b_).open();
    EXPECT_EQ(0u, site_error("INSERT INTO site.t VALUES (2)", port_of_b));
    database(a_).start_receiver(server_b);
    ASSERT_TRUE(wait([&] { return rows(a_) == "2"; })) << database(a_).look().receiver_error;
    ASSERT_TRUE(database(b_).try_close(std::chrono::seconds(1)));
    database(a_).stop_receiver();
    database(a_).open();
    EXPECT_EQ(0u, insert(3));
    database(b_).start_receiver(server_a);
    EXPECT_TRUE(wait([&] { return rows(b_) == "3"; })) << database(b_).look().receiver_error;
}

TEST_F(MysqlPair, AnEmptyServerIsToldFromOneWithData) {
    EXPECT_TRUE(database(a_).has_data());
    EXPECT_FALSE(database(b_).has_data());
    database(b_).open();
    root(b_.parameters).execute("CREATE DATABASE other");
    EXPECT_TRUE(database(b_).has_data());
}

TEST_F(MysqlPair, WhatThePasswordOfReplicationIsStaysInTheServer) {
    // What the statement needs, and is refused for.
    if (is_mysql())
        for (const char* mode : {"ON_PERMISSIVE", "OFF_PERMISSIVE", "OFF"})
            root(b_.parameters).execute(cat("SET GLOBAL gtid_mode = ", mode));
    auto credentials = mysql::read_credentials(b_.parameters["credentials"]);
    credentials.replication_password = "Secret-Word";
    try {
        Database wrong(b_.parameters["socket"], credentials, std::chrono::seconds(5));
        wrong.start_receiver({"a", std::string(300, 'x'), port_of_a});
        FAIL() << "neither can be that long, nor positions be without their mode";
    } catch (const SqlError& error) {
        EXPECT_EQ(std::string::npos, std::string(error.what()).find("Secret-Word")) << error.what();
        EXPECT_NE(std::string::npos, std::string(error.what()).find("'***'")) << error.what();
    }
}

// What promote does where the source is known to be dead.
TEST_F(MysqlPair, AReceiverThatIsKilledReadsNoMore) {
    pair_up();
    ASSERT_EQ(0u, insert(1));
    server_of(a_).signal(SIGSTOP);
    database(b_).kill_receiver();
    EXPECT_TRUE(wait([&] { return database(b_).look().receiver == Receiver::stopped; }));
    EXPECT_TRUE(wait([&] { return rows(b_) == "1"; }));
    server_of(a_).signal(SIGCONT);
    EXPECT_EQ(no_answer, insert(2)) << "nor does it acknowledge";
}

}  // namespace

}  // namespace duet::test
