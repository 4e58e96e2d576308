// SPDX-License-Identifier: GPL-2.0-or-later
#include "mysql_fixture.hpp"

#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>

#include "file.hpp"
#include "text.hpp"

namespace duet::test {

void MysqlTest::SetUp() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = info->name();
    for (char& letter : name)
        if (letter == '/') letter = '-';
    folder_ = "/run/" + name;
    ::mkdir(folder_.c_str(), 0755);
}

void MysqlTest::TearDown() {
    for (const auto& agent : agents_)
        for (const auto& process : processes())
            if (process.working_directory() == agent.parameters.at("datadir")) {
                process.signal(SIGKILL);
                process.wait(Deadline::after(Milliseconds(10'000)));
            }
    must("rm -rf " + folder_);
}

AgentCall MysqlTest::make_agent(const std::string& name) {
    AgentCall agent;
    agent.program = built_agent("mysql");
    agent.parameters = make_database(folder_, name);
    agent.parameters["peers"] = "a=10.0.0.1 b=10.0.0.2:3307";
    agent.instance = cat(folder_.substr(5), '-', name);
    agents_.push_back(agent);
    return agent;
}

Process MysqlTest::server_of(const AgentCall& agent) {
    for (auto& process : processes())
        if (process.working_directory() == agent.parameters.at("datadir")) return std::move(process);
    throw std::runtime_error("no server runs");
}

void MysqlTest::kill_hard(const AgentCall& agent) {
    const auto process = server_of(agent);
    process.signal(SIGKILL);
    process.wait(Deadline::after(Milliseconds(10'000)));
}

void MysqlTest::write_epoch_file(const AgentCall& agent, const std::string& content) {
    replace_file(agent.parameters.at("datadir") + "/duet.state", content, Durability::none);
}

void MysqlTest::expect(int code, const Ended& ended) {
    EXPECT_EQ(code, ended.exit_code) << ended.how() << ' ' << ended.err;
}

void MysqlTest::expect_reason(const Ended& ended, const std::string& words) {
    const auto reasons = exit_reasons(ended);
    ASSERT_EQ(1u, reasons.size()) << ended.err;
    EXPECT_NE(std::string::npos, reasons[0].find(words)) << reasons[0];
}

mysql::Database MysqlTest::database(const AgentCall& agent, int seconds) {
    return mysql::Database(agent.parameters.at("socket"),
                           mysql::read_credentials(agent.parameters.at("credentials")),
                           std::chrono::seconds(seconds));
}

void MysqlTest::start(const AgentCall& agent) {
    expect(0, agent("start"));
    ASSERT_TRUE(wait([&] { return answers(agent); }));
}

bool MysqlTest::answers(const AgentCall& agent) try {
    database(agent);
    return true;
} catch (const SqlError&) {
    return false;
}

unsigned MysqlTest::site_error(const std::string& statement, int port) {
    try {
        site(std::chrono::seconds(1), port).execute(statement);
        return 0;
    } catch (const SqlError& error) {
        return error.code();
    }
}

std::future<unsigned> MysqlTest::site_later(const std::string& statement) {
    return std::async(std::launch::async, [statement] {
        try {
            site(std::chrono::seconds(60)).execute(statement);
            return 0u;
        } catch (const SqlError& error) {
            return error.code();
        }
    });
}

namespace {

// The tails that a recovery cuts, and the seeding by mariadb-backup.
bool is_of_mariadb(const std::string& suite) {
    return suite.ends_with("OnMariadb") || suite == "MysqlKin" || suite == "MysqlTail" ||
           suite == "MysqlSeed";
}

// Leaves out, aloud, what is for the other server alone.
void choose_suites() {
    const auto& all = *testing::UnitTest::GetInstance();
    int count = 0;
    std::string left_out;
    for (int i = 0; i < all.total_test_suite_count(); ++i) {
        const auto& suite = *all.GetTestSuite(i);
        const std::string name = suite.name();
        if (is_mysql() ? !is_of_mariadb(name) : !name.ends_with("OnMysql")) continue;
        count += suite.total_test_count();
        left_out += ':' + name + ".*";
    }
    auto filter = testing::GTEST_FLAG(filter);
    filter += (filter.find('-') == std::string::npos ? "-" : "") + left_out;
    testing::GTEST_FLAG(filter) = filter;
    std::printf("Tested is %s; %d tests are for %s alone.\n", is_mysql() ? "MySQL" : "MariaDB",
                count, is_mysql() ? "MariaDB" : "MySQL");
}

}  // namespace

}  // namespace duet::test

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    duet::test::choose_suites();
    return duet::test::in_sandbox([] {
        duet::test::make_internal_network();
        return RUN_ALL_TESTS();
    });
}
