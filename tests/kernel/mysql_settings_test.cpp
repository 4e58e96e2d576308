// SPDX-License-Identifier: GPL-2.0-or-later
// Check level 10 with a real server: what is said of its settings and accounts.
#include <thread>

#include "database.hpp"
#include "mysql_fixture.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

constexpr int args = 2, promoted = 8, degraded = 190, degraded_promoted = 191;

class MysqlSettings : public MysqlTest {
  protected:
    void SetUp() override {
        MysqlTest::SetUp();
        agent_ = make_agent("a");
        expect(0, agent_("start"));
    }

    Ended validate() {
        auto agent = agent_;
        agent.environment = {"OCF_CHECK_LEVEL=10"};
        return agent("validate-all");
    }

    void expect_said(int level_ten, const std::string& words) {
        const auto ended = validate();
        expect(args, ended);
        expect_reason(ended, words);
        const auto monitor = agent_.monitor(10);
        expect(level_ten, monitor);
        expect_reason(monitor, words);
    }

    AgentCall agent_;
};

TEST_F(MysqlSettings, OfTheShippedConfigurationAreWell) {
    const auto ended = validate();
    expect(0, ended);
    EXPECT_EQ("", ended.err);
    expect(0, agent_.monitor(10));
    expect(0, agent_("promote"));
    expect(promoted, agent_.monitor(10));
}

TEST_F(MysqlSettings, ThatAreWrongAreShownAndMoveNobody) {
    auto administrator = root(agent_.parameters);
    administrator.execute("SET GLOBAL sync_binlog = 0");
    expect_said(degraded, "sync_binlog is '0', expected '1'");
    expect(0, agent_("promote"));
    expect_said(degraded_promoted, "sync_binlog is '0', expected '1'");
    expect(promoted, agent_.monitor());
    administrator.execute("SET GLOBAL sync_binlog = 1");
    expect(promoted, agent_.monitor(10));
    if (is_mysql()) {
        administrator.execute("SET GLOBAL gtid_mode = ON_PERMISSIVE");
        expect_said(degraded_promoted, "gtid_mode is 'ON_PERMISSIVE', expected 'ON'");
    } else {
        administrator.execute("SET GLOBAL gtid_strict_mode = OFF");
        expect_said(degraded_promoted, "gtid_strict_mode is 'OFF', expected 'ON'");
    }
}

using MysqlSettingsOnMariadb = MysqlSettings;
TEST_F(MysqlSettingsOnMariadb, AnAccountThatCanWriteOnAStandbyIsNamed) {
    auto administrator = root(agent_.parameters);
    administrator.execute("SET SESSION sql_log_bin = 0");
    administrator.execute("CREATE USER ops@'%' IDENTIFIED BY 'x'");
    const std::vector<std::pair<const char*, const char*>> rows{
        {"GRANT READ ONLY ADMIN ON *.* TO ops@'%'", "the account 'ops'@'%' holds READ ONLY ADMIN"},
        {"GRANT ALL ON *.* TO ops@'%'", "the account 'ops'@'%' holds READ ONLY ADMIN"}};
    for (const auto& [grant, words] : rows) {
        administrator.execute(grant);
        expect_said(degraded, words);
        administrator.execute("REVOKE ALL PRIVILEGES, GRANT OPTION FROM ops@'%'");
        expect(0, validate());
    }
    administrator.execute("CREATE ROLE admin");
    administrator.execute("GRANT READ ONLY ADMIN ON *.* TO admin");
    expect(0, validate());
    administrator.execute("GRANT admin TO ops@'%'");
    expect_said(degraded, "the account 'ops'@'%' (role admin) holds");
}

// The bit that mysql.global_priv has for it is the server's own affair; this notices a change.
TEST_F(MysqlSettingsOnMariadb, SuperAloneDoesNotGoPastReadOnly) {
    auto administrator = root(agent_.parameters);
    administrator.execute("SET SESSION sql_log_bin = 0");
    administrator.execute("GRANT SUPER ON *.* TO site@'10.0.0.%'");
    EXPECT_EQ(1290u, site_error("CREATE DATABASE site"));
    expect(0, validate());
    administrator.execute("GRANT READ ONLY ADMIN ON *.* TO site@'10.0.0.%'");
    EXPECT_EQ(1049u, site_error("CREATE TABLE site.t (id INT)")) << "no such database, yet let in";
    expect_said(degraded, "'site'@'10.0.0.%'");
}

TEST_F(MysqlSettingsOnMariadb, AnAgentThatMayNotReadTheAccountsDoesNotFail) {
    auto administrator = root(agent_.parameters);
    administrator.execute("SET SESSION sql_log_bin = 0");
    administrator.execute("REVOKE SELECT ON mysql.roles_mapping FROM duet@localhost");
    expect(0, validate());
    expect(0, agent_.monitor(10));
}

TEST_F(MysqlSettings, AStandbyAppliesInParallel) {
    const auto b = make_agent("b");
    expect(0, b("start"));
    expect(0, agent_("promote"));
    const auto credentials = mysql::read_credentials(b.parameters.at("credentials"));
    mysql::Database standby(b.parameters.at("socket"), credentials, std::chrono::seconds(5));
    standby.start_receiver({"a", "10.0.0.1", port_of_a});
    mysql::Settings settings;
    for (int i = 0; i < 50 && (!settings.applies || settings.peer_ids.empty()); ++i) {
        std::this_thread::sleep_for(Milliseconds(100));
        settings = standby.settings();
    }
    EXPECT_TRUE(settings.applies);
    EXPECT_EQ(4, settings.appliers);
    EXPECT_EQ("4", settings.variables[is_mysql() ? "replica_parallel_workers"
                                                 : "slave_parallel_threads"]);
    EXPECT_EQ(std::vector<std::string>{"1"}, settings.peer_ids);
    EXPECT_NE(is_mysql(), settings.accounts_known);
    mysql::Database active(agent_.parameters.at("socket"), credentials, std::chrono::seconds(5));
    EXPECT_EQ(std::vector<std::string>{"2"}, active.settings().peer_ids);
}

}  // namespace

}  // namespace duet::test
