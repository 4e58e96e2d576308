// SPDX-License-Identifier: GPL-2.0-or-later
// The agent with one real server: who may write when, and how the role is given up.
#include <algorithm>
#include <csignal>
#include <thread>

#include "file.hpp"
#include "mysql_fixture.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

constexpr unsigned read_only = 1290;  // ER_OPTION_PREVENTS_STATEMENT
constexpr int generic = 1, not_running = 7, promoted = 8, failed_promoted = 9;

class Mysql : public MysqlTest {
  protected:
    void SetUp() override {
        MysqlTest::SetUp();
        agent_ = make_agent("a");
    }

    void promote_with_table() {
        start(agent_);
        expect(0, agent_("promote"));
        ASSERT_EQ(0u, site_error("CREATE DATABASE site"));
        ASSERT_EQ(0u, site_error("CREATE TABLE site.t (id INT PRIMARY KEY) ENGINE = InnoDB"));
    }

    Milliseconds time(const std::string& action, int code) {
        const auto start = std::chrono::steady_clock::now();
        expect(code, agent_(action));
        return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - start);
    }

    AgentCall agent_;
};

TEST_F(Mysql, IsClosedUntilItIsPromotedAndAfterItIsDemoted) {
    expect(0, agent_("start"));
    const auto line = server_of(agent_).command_line();
    EXPECT_NE(line.end(), std::find(line.begin(), line.end(), "--read-only=ON"));
    EXPECT_EQ(read_only, site_error("CREATE DATABASE site"));
    expect(0, agent_.monitor());

    expect(0, agent_("promote"));
    expect(promoted, agent_.monitor());
    EXPECT_EQ(0u, site_error("CREATE DATABASE site"));
    EXPECT_NE(std::string::npos,
              read_file(agent_.parameters["datadir"] + "/duet.state")->find("own 2\n"));

    expect(0, agent_("demote"));
    expect(0, agent_.monitor());
    EXPECT_EQ(read_only, site_error("DROP DATABASE site"));
    expect(0, agent_("stop"));
    expect(not_running, agent_("monitor"));
}

TEST_F(Mysql, IsClosedAfterACrashOfTheActive) {
    promote_with_table();
    kill_hard(agent_);
    const auto ended = agent_.monitor();
    expect(not_running, ended);
    expect_reason(ended, agent_.parameters["datadir"]);
    expect(0, agent_("start"));
    EXPECT_EQ(read_only, site_error("INSERT INTO site.t VALUES (1)"));
    expect(0, agent_.monitor());
}

TEST_F(Mysql, AnActiveThatSomebodyClosedHasFailed) {
    promote_with_table();
    root(agent_.parameters).execute("SET GLOBAL read_only = ON");
    const auto ended = agent_.monitor();
    expect(failed_promoted, ended);
    expect_reason(ended, "closed for writes");
}

TEST_F(Mysql, AStandbyThatSomebodyOpenedIsClosedAgain) {
    expect(0, agent_("start"));
    const std::string log = "/run/pacemaker.log";
    replace_file(log, "", Durability::none, 0600);
    agent_.environment.push_back("HA_logfile=" + log);
    for (const auto* time : {"(time 1 ", "(time 2 "}) {
        root(agent_.parameters).execute("SET GLOBAL read_only = OFF");
        expect(0, agent_.monitor());
        const auto told = read_file(log).value();
        EXPECT_NE(std::string::npos, told.find(time)) << told;
        EXPECT_EQ(read_only, site_error("CREATE DATABASE site"));
    }
}

TEST_F(Mysql, AFrozenServerIsNoticedWithinTheMonitorsTime) {
    expect(0, agent_("start"));
    server_of(agent_).signal(SIGSTOP);
    auto impatient = agent_;
    impatient.environment = {"OCF_RESKEY_CRM_meta_timeout=10000"};
    const auto start = std::chrono::steady_clock::now();
    const auto ended = impatient.monitor();
    expect(generic, ended);
    expect_reason(ended, "runs, but");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(8));
}

TEST_F(Mysql, AFrozenActiveIsStopped) {
    promote_with_table();
    server_of(agent_).signal(SIGSTOP);
    EXPECT_LT(time("stop", 0), Milliseconds(20'000));
    expect(not_running, agent_("monitor"));
}

// ---- outside a cluster --------------------------------------------------------------------------

TEST_F(Mysql, WithoutAClusterOneThatHasHadAPeerIsNotPromoted) {
    write_epoch_file(agent_, "node -\nown 2\nseen b 3\n");
    expect(0, agent_("start"));
    const auto ended = agent_("promote");
    expect(generic, ended);
    expect_reason(ended, "without a cluster nobody can say who was promoted last");
    EXPECT_EQ(read_only, site_error("CREATE DATABASE site"));
    auto async = agent_;
    async.parameters["durability"] = "async";
    expect(0, async("promote"));
    EXPECT_EQ(0u, site_error("CREATE DATABASE site"));
}

TEST_F(Mysql, WithoutAClusterTheEpochFileOfANodeIsLeftAlone) {
    for (const char* content : {"node a\nown 6\nseen b 5\n", "node a\nown 6\n"}) {
        write_epoch_file(agent_, content);
        expect(0, agent_("start"));
        const auto ended = agent_("promote");
        expect(generic, ended);
        expect_reason(ended, "it has had a peer");
        EXPECT_EQ(content, read_file(agent_.parameters["datadir"] + "/duet.state"));
    }
}

// ---- the role is given up -----------------------------------------------------------------------

struct Holder {
    const char* name;
    const char* as_root;  // statements of the administrator's before, semicolons between
    std::vector<const char*> statements;
    const char* running;  // one that does not return by itself
};
void PrintTo(const Holder& holder, std::ostream* out) { *out << holder.name; }

class Demote : public Mysql, public testing::WithParamInterface<Holder> {};

TEST_P(Demote, IsShortWhateverAClientHolds) {
    promote_with_table();
    auto client = site(std::chrono::seconds(60));
    for (const auto* statement : GetParam().statements) client.execute(statement);
    std::future<unsigned> running;
    if (*GetParam().running) running = site_later(GetParam().running);
    auto administrator = root(agent_.parameters);
    for (const auto& statement : split(GetParam().as_root, ';'))
        if (!statement.empty()) administrator.execute(statement);
    std::this_thread::sleep_for(Milliseconds(100));
    if (running.valid()) {
        ASSERT_EQ(std::future_status::timeout, running.wait_for(Milliseconds(0)))
            << "ended by itself with " << running.get();
    }

    EXPECT_LT(time("demote", 0), Milliseconds(4'000));
    EXPECT_EQ(read_only, site_error("INSERT INTO site.t VALUES (1)"));
    EXPECT_THROW(client.execute("COMMIT"), SqlError);
    if (running.valid()) {
        EXPECT_NE(0u, running.get());
    }
    EXPECT_EQ("0", root(agent_.parameters).value("SELECT COUNT(*) FROM site.t"));
    expect(0, agent_.monitor());
    expect(0, agent_("promote"));
    EXPECT_EQ(0u, site_error("INSERT INTO site.t VALUES (1)"));
}

INSTANTIATE_TEST_SUITE_P(
    Each, Demote,
    testing::Values(
        Holder{"AnOpenTransaction", "", {"BEGIN", "INSERT INTO site.t VALUES (5)"}, ""},
        Holder{"AReadSnapshot", "", {"START TRANSACTION WITH CONSISTENT SNAPSHOT",
                                     "SELECT * FROM site.t"}, ""},
        Holder{"ALongSelect", "", {}, "SELECT SLEEP(1200) FROM (SELECT 1) AS one"},
        Holder{"AnAlterThatWaits", "", {"BEGIN", "SELECT * FROM site.t"},
               "ALTER TABLE site.t ADD COLUMN more INT"},
        Holder{"AnAlterThatCopies", "",
               {"CREATE TABLE site.big AS SELECT a.id, REPEAT('x', 100) AS text FROM"
                " information_schema.collations AS a, information_schema.collations AS b LIMIT 70000"},
               "ALTER TABLE site.big ADD COLUMN more VARCHAR(128) AS (SHA2(REPEAT(text, 400), 512))"
               " STORED, ALGORITHM = COPY"},
        Holder{"ALongSelectThatWorks", "", {},
               "SELECT COUNT(DISTINCT a.id * b.id * c.id + d.id) FROM"
               " information_schema.collations AS a, information_schema.collations AS b,"
               " information_schema.collations AS c, information_schema.collations AS d"},
        Holder{"ABackup",
               is_mysql() ? "LOCK INSTANCE FOR BACKUP"
                          : "BACKUP STAGE START;BACKUP STAGE FLUSH;BACKUP STAGE BLOCK_DDL;"
                            "BACKUP STAGE BLOCK_COMMIT", {}, ""},
        Holder{"AGlobalReadLock", "FLUSH TABLES WITH READ LOCK", {}, ""},
        Holder{"TheAdministratorsTableLock", "LOCK TABLES site.t WRITE", {}, ""}),
    [](const auto& row) { return row.param.name; });

// What a client is told when its commit waits for a standby that does not answer: never OK.
class Waiting : public Mysql {
  protected:
    void SetUp() override {
        Mysql::SetUp();
        agent_.parameters["drain_time"] = "2s";
        promote_with_table();
        database(agent_).set_waiting(true);
        answer_ = site_later("INSERT INTO site.t VALUES (7)");
        std::this_thread::sleep_for(Milliseconds(200));
    }

    // Whether the row is there after a start with this epoch file.
    std::string rows_after_start(const std::string& epoch_file) {
        write_epoch_file(agent_, epoch_file);
        expect(0, agent_("start"));
        return root(agent_.parameters).value("SELECT COUNT(*) FROM site.t").value_or("");
    }

    std::future<unsigned> answer_;
};

TEST_F(Waiting, ACommitThatNobodyAcknowledgedIsNeverAnsweredByDemote) {
    EXPECT_EQ(std::future_status::timeout, answer_.wait_for(std::chrono::seconds(0)));
    const auto ended = agent_("demote");
    EXPECT_NE(0u, answer_.get());
    EXPECT_TRUE(ended.exit_code == 0 || ended.exit_code == generic) << ended.err;
}

TEST_F(Waiting, ACommitThatNobodyAcknowledgedIsNeverAnsweredByStop) {
    EXPECT_LT(time("stop", 0), Milliseconds(10'000));
    EXPECT_NE(0u, answer_.get());
    expect(not_running, agent_("monitor"));
}

// databases.md of the design, 3.4: the tail may be the only copy of acknowledged writes.
TEST_F(Waiting, RecoveryKeepsTheTailOfAServerThatIsNotSuperseded) {
    kill_hard(agent_);
    EXPECT_NE(0u, answer_.get());
    EXPECT_EQ("1", rows_after_start("node -\nown 2\n"));
}

using WaitingOnMariadb = Waiting;
TEST_F(WaitingOnMariadb, RecoveryCutsTheTailOfASupersededServer) {
    kill_hard(agent_);
    EXPECT_NE(0u, answer_.get());
    EXPECT_EQ("0", rows_after_start("node -\nown 2\nseen b 3\n"));
}

// What is not cut is compared before anything is followed.
using WaitingOnMysql = Waiting;
TEST_F(WaitingOnMysql, RecoveryKeepsTheTailOfASupersededServer) {
    kill_hard(agent_);
    EXPECT_NE(0u, answer_.get());
    EXPECT_EQ("1", rows_after_start("node -\nown 2\nseen b 3\n"));
}

// By hand, for instance: the agent then does not know its node's name, and must not take the data for
// a copy of another server's.
TEST_F(Waiting, RecoveryOutsideTheClusterKeepsTheTailOfTheLastActive) {
    kill_hard(agent_);
    EXPECT_NE(0u, answer_.get());
    EXPECT_EQ("1", rows_after_start("node a\nown 6\nseen b 5\n"));
}

// ---- events -------------------------------------------------------------------------------------

TEST_F(Mysql, ScheduledEventsFollowTheRole) {
    promote_with_table();
    auto administrator = root(agent_.parameters);
    const auto scheduler = [&] {
        return administrator.value("SELECT @@event_scheduler").value_or("");
    };
    administrator.execute("CREATE EVENT site.`odd``name` ON SCHEDULE EVERY 1 HOUR DISABLE ON SLAVE"
                          " DO SET @nothing = 1");
    administrator.execute("CREATE EVENT site.off ON SCHEDULE EVERY 1 HOUR DISABLE"
                          " DO SET @nothing = 1");
    expect(0, agent_("demote"));
    administrator = root(agent_.parameters);
    EXPECT_EQ("OFF", scheduler());
    const auto before = database(agent_).look().binlog_position;
    expect(0, agent_("promote"));
    EXPECT_EQ("ON", scheduler());
    const auto status = [&](const std::string& name) {
        return administrator.value("SELECT status FROM information_schema.events WHERE event_name = '" +
                                   name + '\'');
    };
    EXPECT_EQ("ENABLED", status("odd`name"));
    EXPECT_EQ("DISABLED", status("off")) << "the administrator's wish";
    EXPECT_EQ(before, database(agent_).look().binlog_position) << "not for the other server";
}

}  // namespace

}  // namespace duet::test
