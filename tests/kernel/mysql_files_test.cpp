// SPDX-License-Identifier: GPL-2.0-or-later
// What is wrong on one server is said in one sentence that names it, and leaves all as it was.
#include <sys/stat.h>

#include "file.hpp"
#include "mysql_fixture.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

constexpr int generic = 1, args = 2, installed = 5, not_running = 7;

class MysqlFiles : public MysqlTest {
  protected:
    void SetUp() override {
        MysqlTest::SetUp();
        agent_ = make_agent("a");
    }

    void add_to(const std::string& parameter, const std::string& line) {
        const auto path = agent_.parameters.at(parameter);
        replace_file(path, *read_file(path) + line + '\n', Durability::none, 0644);
    }

    void expect_start(int code, const std::string& words) {
        const auto ended = agent_("start");
        expect(code, ended);
        expect_reason(ended, words);
    }

    AgentCall agent_;
};

TEST_F(MysqlFiles, AnUnknownVariableInTheConfigurationIsNamed) {
    add_to("config", "no_such_variable = 1");
    expect_start(generic, "no_such_variable=1");
    expect(not_running, agent_("monitor"));
    expect(0, agent_("stop"));
}

TEST_F(MysqlFiles, AMalformedConfigurationIsNamed) {
    add_to("config", "binlog_row_image = much");
    expect_start(generic, "much");
    expect(not_running, agent_("monitor"));
}

TEST_F(MysqlFiles, AForeignDataFormatIsNamed) {
    must({"cp", "/etc/passwd", agent_.parameters["datadir"] + "/ibdata1"});
    expect_start(generic, "ibdata1");
}

TEST_F(MysqlFiles, WhatIsAbsentIsNamedWithItsParameter) {
    const struct {
        const char *parameter, *value;
        int code;
    } rows[] = {
        {"binary", "no-such-server", installed},
        {"binary", "/etc/passwd", installed},
        {"config", "/etc/absent.cnf", args},
        {"datadir", "/var/lib/absent", args},
        {"datadir", "/run/duet-sandbox", args},
        {"credentials", "/etc/absent.cnf", args},
    };
    for (const auto& row : rows) {
        auto agent = agent_;
        agent.parameters[row.parameter] = row.value;
        const auto ended = agent("start");
        expect(row.code, ended);
        expect_reason(ended, cat('\'', row.value, '\''));
        expect(not_running, agent("monitor"));
        expect(0, agent("stop"));
    }
}

TEST_F(MysqlFiles, ValidateLooksAtLevelTen) {
    auto agent = agent_;
    agent.environment = {"OCF_CHECK_LEVEL=10"};
    expect(0, agent("validate-all"));
    agent.parameters["datadir"] = "/var/lib/absent";
    agent.parameters["credentials"] = "/etc/absent.cnf";
    const auto ended = agent("validate-all");
    expect(args, ended);
    expect_reason(ended, "/var/lib/absent");
    expect_reason(ended, "/etc/absent.cnf");
}

TEST_F(MysqlFiles, SecretsThatOthersMayReadAreRefused) {
    ::chmod(agent_.parameters["credentials"].c_str(), 0644);
    expect_start(args, "must have mode 0600, it has 0644");
}

TEST_F(MysqlFiles, CredentialsWithoutTheReplicationAccountAreRefused) {
    replace_file(agent_.parameters["credentials"], "[client]\nuser = duet\n", Durability::none);
    expect_start(args, "[replication]");
}

TEST_F(MysqlFiles, AWrongPasswordIsSaidAndNotShown) {
    replace_file(agent_.parameters["credentials"],
                 "[client]\nuser = duet\npassword = Wrong-Secret\n[replication]\nuser = repl\n",
                 Durability::none);
    const auto ended = agent_("start");
    expect(generic, ended);
    expect_reason(ended, "Access denied for user 'duet'");
    EXPECT_EQ(std::string::npos, ended.err.find("Wrong-Secret"));
    // The server runs, and stop needs no password.
    expect(0, agent_("stop"));
    expect(not_running, agent_("monitor"));
}

TEST_F(MysqlFiles, NoSecretIsOnACommandLine) {
    expect(0, agent_("start"));
    EXPECT_EQ(std::string::npos, join(server_of(agent_).command_line(), " ").find("CHANGE-ME"));
}

TEST_F(MysqlFiles, AnEpochFileThatCannotBeReadStopsTheStart) {
    const std::pair<const char*, const char*> rows[] = {{"node -\nown two\n", "two"},
                                                        {"node -\nown -1\n", "-1"},
                                                        {"node -\nown 99999999999\n", "99999999999"},
                                                        {"garbage\n", "garbage"},
                                                        {"node -\nown 2\nseen b\n", "seen b"}};
    for (const auto& [content, words] : rows) {
        write_epoch_file(agent_, content);
        expect_start(generic, words);
        expect_start(generic, "duet.state");
    }
    write_epoch_file(agent_, "node -\nown 2\n");
    expect(0, agent_("start"));
}

TEST_F(MysqlFiles, TheFolderOfTheSocketIsMadeAfterABoot) {
    EXPECT_FALSE(Process::open(0));
    expect(0, agent_("start"));
    expect(0, agent_("stop"));
    const auto socket = agent_.parameters["socket"];
    must("rm -rf " + socket.substr(0, socket.rfind('/')));
    expect(0, agent_("start"));
}

}  // namespace

}  // namespace duet::test
