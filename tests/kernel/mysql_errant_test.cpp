// SPDX-License-Identifier: GPL-2.0-or-later
// What MySQL keeps of a crashed active and no client was told: named, and saved as SQL for a person.
#include <sys/stat.h>

#include <filesystem>

#include "comparison.hpp"
#include "errant.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "kin.hpp"
#include "mysql_instance.hpp"

namespace duet::test {

namespace {

using mysql::Verdict;

class MysqlErrantOnMysql : public MysqlInstance {
  protected:
    // As the standby's monitor does it before it follows `source`.
    void compare(const AgentCall& agent, const Peer& source) {
        auto server = database(agent);
        const auto found =
            mysql::compare_with(source, mysql::read_credentials(config_.credentials),
                                server.look().applied_position);
        ASSERT_EQ(Verdict::errant, found.verdict) << found.error;
        mysql::note_errant(*instance_, server, found.errant);
    }
    std::string path() {
        const auto text = noted();
        const auto begin = text.find("/var/lib/duet/");
        return begin == text.npos ? "" : text.substr(begin);
    }
    std::string saved() { return read_file(path()).value_or(""); }
    std::optional<std::string> save_again() {
        return mysql::save_what_is_own(*instance_, Deadline::after(Milliseconds(20'000)));
    }
    static std::string uuid(const AgentCall& agent) {
        return root(agent.parameters).value("SELECT @@server_uuid").value_or("");
    }

    // a's write 2 was told to nobody, and b was promoted and has written 3.
    void leave_a_tail() {
        pair_up();
        ASSERT_EQ(0u, insert(1));
        ASSERT_TRUE(wait([&] { return rows(b_) == "1"; }));
        database(b_).stop_receiver();
        auto answer = site_later("INSERT INTO site.t VALUES (2)");
        ASSERT_TRUE(wait([&] { return database(a_).look().waiting_commits == 1; }));
        kill_hard(a_);
        ASSERT_NE(0u, answer.get());
        database(b_).open();
        ASSERT_EQ(0u, site_error("INSERT INTO site.t VALUES (3)", port_of_b));
        write_epoch_file(a_, "node -\nown 2\nseen b 3\n");
        start(a_);
        be_agent_of(a_, "a");
    }

    // Two of b's own, in two files, behind what both have.
    void write_beside() {
        pair_up();
        ASSERT_EQ(0u, insert(1));
        ASSERT_TRUE(wait([&] { return rows(b_) == "1"; }));
        database(b_).stop_receiver();
        database(b_).open();
        auto administrator = root(b_.parameters);
        administrator.execute("INSERT INTO site.t VALUES (100)");
        administrator.execute("FLUSH BINARY LOGS");
        administrator.execute("INSERT INTO site.t VALUES (101)");
        be_agent_of(b_, "b");
    }
};

TEST_F(MysqlErrantOnMysql, ATailIsSavedAsSqlThatCanBeReadAndAppliedAtTheActive) {
    leave_a_tail();
    compare(a_, server_b);
    EXPECT_TRUE(noted().starts_with(uuid(a_) + ':')) << noted();
    struct stat status{};
    ASSERT_EQ(0, ::stat(path().c_str(), &status)) << noted();
    EXPECT_EQ(0600u, status.st_mode & 0777);
    const auto text = saved();
    EXPECT_NE(std::string::npos, text.find("###   @1=2\n")) << text;
    EXPECT_EQ(std::string::npos, text.find("###   @1=1\n")) << "both have it";
    EXPECT_NE(std::string::npos, text.find(cat("-- Transactions: ", uuid(a_), ':'))) << text;
    EXPECT_NE(std::string::npos, text.find("active server: mysql < THIS FILE")) << text;

    const auto before = database(b_).look().applied_position;
    RunOptions options;
    options.input = text;
    const auto ended = run({"mariadb", "--no-defaults", "-uroot", "-S", b_.parameters["socket"]},
                           Deadline::after(Milliseconds(10'000)), options);
    EXPECT_EQ(0, ended.exit_code) << ended.err;
    EXPECT_EQ("3", rows(b_));
    EXPECT_FALSE(mysql::covers(before, database(b_).look().applied_position)) << "as a new one";
    EXPECT_EQ(std::string::npos, database(b_).look().applied_position.find(noted().substr(0, 40)))
        << "its own number would say that a may follow as it is";
}

TEST_F(MysqlErrantOnMysql, AllFilesAreReadThatHaveSomeOfIt) {
    write_beside();
    compare(b_, server_a);
    const auto text = saved();
    EXPECT_NE(std::string::npos, text.find("###   @1=100\n")) << noted() << text;
    EXPECT_NE(std::string::npos, text.find("###   @1=101\n")) << "in the next file";
    EXPECT_EQ(std::string::npos, text.find("###   @1=1\n")) << "both have it";
    EXPECT_EQ(std::string::npos, text.find("CREATE TABLE")) << "both have it";
}

TEST_F(MysqlErrantOnMysql, ItIsSavedOnceAndAgainWhereTheFileIsGone) {
    write_beside();
    compare(b_, server_a);
    const auto first = noted();
    EXPECT_EQ(std::nullopt, save_again());
    compare(b_, server_a);
    EXPECT_EQ(first, noted());
    ASSERT_TRUE(std::filesystem::remove(path()));
    const auto again = save_again();
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->starts_with(first.substr(0, first.find(", saved in ")))) << *again;
    EXPECT_NE(std::string::npos,
              read_file(again->substr(again->find("/var"))).value_or("").find("###   @1=100\n"));
}

TEST_F(MysqlErrantOnMysql, OfWhatIsPurgedTheRestIsSaved) {
    write_beside();
    auto administrator = root(b_.parameters);
    const auto newest = administrator.rows("SHOW BINARY LOGS").back()["Log_name"];
    administrator.execute(cat("PURGE BINARY LOGS TO '", newest, "'"));
    compare(b_, server_a);
    const auto text = saved();
    EXPECT_NE(std::string::npos, text.find("###   @1=101\n")) << noted();
    EXPECT_EQ(std::string::npos, text.find("###   @1=100\n"));
}

TEST_F(MysqlErrantOnMysql, WhatCannotBeSavedIsNamedAndNotThrownAway) {
    write_beside();
    const auto server = config_.binary;
    const auto decoder = server.substr(0, server.rfind("/sbin/")) + "/bin/mysqlbinlog";
    ASSERT_TRUE(std::filesystem::exists(decoder));
    must({"mount", "--bind", "/dev/null", decoder});
    compare(b_, server_a);
    EXPECT_TRUE(noted().starts_with(uuid(b_))) << noted();
    EXPECT_EQ("", path());
    EXPECT_THROW(save_again(), Failure) << "so it is not seeded either";
    must({"umount", decoder});
    EXPECT_TRUE(save_again());
}

TEST_F(MysqlErrantOnMysql, AServerWithNothingOfItsOwnHasNothingToSave) {
    pair_up();
    ASSERT_EQ(0u, insert(1));
    ASSERT_TRUE(wait([&] { return rows(b_) == "1"; }));
    be_agent_of(b_, "b");
    EXPECT_EQ(std::nullopt, save_again());
    kill_hard(a_);
    EXPECT_THROW(save_again(), Failure) << "nobody knows";
}

}  // namespace

}  // namespace duet::test
