// SPDX-License-Identifier: GPL-2.0-or-later
// What a superseded server loses to its own recovery: saved first, readable, and applicable again.
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "database.hpp"
#include "file.hpp"
#include "mysql_fixture.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

using mysql::Database;

class MysqlTail : public MysqlTest {
  protected:
    void SetUp() override {
        MysqlTest::SetUp();
        a_ = make_agent("a");
        replace_file(folder_ + "/log", "", Durability::none);
        a_.environment.push_back(cat("HA_logfile=", folder_, "/log"));
        expect(0, a_("start"));
        expect(0, a_("promote"));
        ASSERT_EQ(0u, site_error("CREATE DATABASE site"));
        ASSERT_EQ(0u, site_error("CREATE TABLE site.t (id INT PRIMARY KEY, word TEXT)"
                                 " ENGINE = InnoDB"));
        ASSERT_EQ(0u, site_error("INSERT INTO site.t VALUES (1, 'told')"));
        root(a_.parameters).execute("FLUSH ENGINE LOGS");
        Database(a_.parameters["socket"], mysql::read_credentials(a_.parameters["credentials"]),
                 std::chrono::seconds(5))
            .set_waiting(true);
    }

    // A commit that nobody acknowledges is in the binary log, and the server is dead.
    void crash_with_a_tail() {
        auto answer = site_later("INSERT INTO site.t VALUES (2, 'untold')");
        auto server = root(a_.parameters);
        for (int i = 0; i < 100; ++i) {
            const auto rows = server.rows("SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_master_wait_sessions'");
            if (rows.at(0)["Value"] == "1") break;
            std::this_thread::sleep_for(Milliseconds(50));
        }
        kill_hard(a_);
        EXPECT_NE(0u, answer.get()) << "it was never acknowledged";
    }

    void supersede() { write_epoch_file(a_, "node -\nown 2\nseen b 3\n"); }

    std::string rows() {
        return root(a_.parameters).value("SELECT COUNT(*) FROM site.t").value_or("none");
    }

    std::vector<std::string> saved(const std::string& ending) {
        std::vector<std::string> found;
        const auto folder = "/var/lib/duet/mysql-" + a_.instance;
        if (!std::filesystem::exists(folder)) return found;
        for (const auto& entry : std::filesystem::directory_iterator(folder))
            if (entry.path().string().ends_with(ending)) found.push_back(entry.path());
        return found;
    }

    std::string log() { return read_file(folder_ + "/log").value_or(""); }
    // Of the binary log that the server wrote last.
    std::string binlog() {
        const auto words =
            split_words(read_file(a_.parameters["datadir"] + "/binlog.index").value_or(""));
        return cat(a_.parameters["datadir"], '/', words.back());
    }

    AgentCall a_;
};

TEST_F(MysqlTail, IsSavedAsSqlThatCanBeReadAndAppliedAgain) {
    crash_with_a_tail();
    supersede();
    expect(0, a_("start"));
    EXPECT_EQ("1", rows()) << "cut off";
    const auto files = saved(".sql");
    ASSERT_EQ(1u, files.size()) << log();
    EXPECT_NE(std::string::npos, log().find(cat("0-1-5; they are saved in '", files[0], "'")))
        << log();
    struct stat status{};
    ASSERT_EQ(0, ::stat(files[0].c_str(), &status));
    EXPECT_EQ(0600u, status.st_mode & 0777);
    const auto text = read_file(files[0]).value_or("");
    EXPECT_NE(std::string::npos, text.find("###   @2='untold'")) << text;
    EXPECT_EQ(std::string::npos, text.find("'told'")) << "only what was cut: " << text;
    EXPECT_NE(std::string::npos, text.find("-- Transactions: 0-1-5\n")) << text;
    EXPECT_FALSE(std::filesystem::exists("/var/lib/duet/mysql-" + a_.instance + "/tail"));

    expect(0, a_("stop"));
    write_epoch_file(a_, "node -\nown 2\n");
    expect(0, a_("start"));
    expect(0, a_("promote"));
    RunOptions options;
    options.input = text;
    const auto ended = run({"mariadb", "--no-defaults", "-S", a_.parameters["socket"]},
                           Deadline::after(Milliseconds(10'000)), options);
    EXPECT_EQ(0, ended.exit_code) << ended.err;
    EXPECT_EQ("2", rows());
}

TEST_F(MysqlTail, OfAServerThatIsNotSupersededIsNeitherCutNorSaved) {
    crash_with_a_tail();
    expect(0, a_("start"));
    EXPECT_EQ("2", rows());
    EXPECT_TRUE(saved(".sql").empty());
}

TEST_F(MysqlTail, NothingIsLeftWhenNothingWasCut) {
    kill_hard(a_);
    supersede();
    expect(0, a_("start"));
    EXPECT_EQ("1", rows());
    EXPECT_TRUE(saved("").empty());
}

TEST_F(MysqlTail, StaysAsBinaryLogsWhereNoSqlCanBeMadeOfIt) {
    crash_with_a_tail();
    const auto file = binlog();
    supersede();
    for (const char* program : {"/usr/bin/mariadb-binlog", "/usr/bin/mysqlbinlog"})
        if (std::filesystem::exists(program)) must({"mount", "--bind", "/dev/null", program});
    expect(0, a_("start"));
    for (const char* program : {"/usr/bin/mysqlbinlog", "/usr/bin/mariadb-binlog"})
        run({"umount", program}, Deadline::after(Milliseconds(1'000)));
    EXPECT_EQ("1", rows());
    EXPECT_TRUE(saved(".sql").empty());
    const auto raw = saved(".raw");
    ASSERT_EQ(1u, raw.size()) << log();
    EXPECT_NE(std::string::npos, log().find(cat("are kept in '", raw[0], "'"))) << log();
    EXPECT_TRUE(std::filesystem::exists(cat(raw[0], file.substr(file.rfind('/')))));
}

TEST_F(MysqlTail, NothingIsCopiedAfterAStopInGoodOrder) {
    Database(a_.parameters["socket"], mysql::read_credentials(a_.parameters["credentials"]),
             std::chrono::seconds(5))
        .set_waiting(false);
    expect(0, a_("stop"));
    supersede();
    const auto folder = "/var/lib/duet/mysql-" + a_.instance;
    must("mkdir -p " + folder);
    must("mount -t tmpfs -o size=4k none " + folder);
    run({"cp", "/bin/sh", folder + "/full"}, Deadline::after(Milliseconds(1'000)));
    expect(0, a_("start"));
    must("umount " + folder);
    EXPECT_EQ(std::string::npos, log().find("could not be copied before")) << log();
}

// As on a standby whose mysqld was killed while it applied.
TEST_F(MysqlTail, WhatTheOtherServerHadWrittenIsNotSaved) {
    Database(a_.parameters["socket"], mysql::read_credentials(a_.parameters["credentials"]),
             std::chrono::seconds(5))
        .set_waiting(false);
    root(a_.parameters).execute("SET GLOBAL server_id = 7");
    Database(a_.parameters["socket"], mysql::read_credentials(a_.parameters["credentials"]),
             std::chrono::seconds(5))
        .set_waiting(true);
    crash_with_a_tail();
    supersede();
    expect(0, a_("start"));
    EXPECT_EQ("1", rows());
    EXPECT_TRUE(saved("").empty());
    EXPECT_NE(std::string::npos, log().find("comes again from the other server: 0-7-")) << log();
}

TEST_F(MysqlTail, AFullDiskDoesNotKeepTheServerFromComingUp) {
    crash_with_a_tail();
    supersede();
    const auto folder = "/var/lib/duet/mysql-" + a_.instance;
    must("mkdir -p " + folder);
    must("mount -t tmpfs -o size=4k none " + folder);
    run({"cp", "/bin/sh", folder + "/full"}, Deadline::after(Milliseconds(1'000)));
    expect(0, a_("start"));
    EXPECT_NE(std::string::npos, log().find("could not be copied before")) << log();
    must("umount " + folder);
    EXPECT_EQ("1", rows());
    expect(0, a_.monitor());
}

// The server has not answered when start ends: the monitor goes on from there.
TEST_F(MysqlTail, ARecoveryThatOutlastsStartIsFinishedByTheMonitor) {
    crash_with_a_tail();
    supersede();
    const auto file = binlog();
    const auto name = file.substr(file.rfind('/') + 1);
    must({"cp", file, folder_ + "/before"});
    expect(0, a_("start"));
    ASSERT_EQ(1u, saved(".sql").size());
    std::filesystem::remove(saved(".sql")[0]);
    const auto tail = "/var/lib/duet/mysql-" + a_.instance + "/tail";
    must({"mkdir", tail});
    must({"cp", folder_ + "/before", cat(tail, '/', name)});
    replace_file(tail + "/files", file + "\n", Durability::none);
    expect(0, a_.monitor());
    ASSERT_EQ(1u, saved(".sql").size());
    EXPECT_NE(std::string::npos, read_file(saved(".sql")[0])->find("###   @2='untold'"));
    EXPECT_FALSE(std::filesystem::exists(tail));
}

}  // namespace

}  // namespace duet::test
