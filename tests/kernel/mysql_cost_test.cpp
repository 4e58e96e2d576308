// SPDX-License-Identifier: GPL-2.0-or-later
// What a monitor costs, beside the agent that most sites use, on the same server in the same run.
// The figures are printed; an aim decides no test, ten times the aim does.
#include <unistd.h>

#include <cstdio>

#include "cost.hpp"
#include "mysql_fixture.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

constexpr auto other_agent = "/usr/lib/ocf/resource.d/heartbeat/mysql";
constexpr double aim = 6;  // ms of CPU
constexpr int times = 21;

template <typename Call>
double median_cost(Call call) {
    std::vector<double> costs;
    for (int i = 0; i < times; ++i) costs.push_back(cost_of(call));
    return median(costs);
}

class MysqlCost : public MysqlTest {
  protected:
    void SetUp() override {
        MysqlTest::SetUp();
        agent_ = make_agent("a");
        expect(0, agent_("start"));
    }

    // Its deepest look: the process, a login, one question. It writes nothing and reads no
    // replication; ours does both.
    AgentCall other() {
        AgentCall other;
        other.program = other_agent;
        const auto& own = agent_.parameters;
        const auto pid_file = folder_ + "/pid";
        must({"sh", "-c", cat("echo ", server_of(agent_).pid(), " >", pid_file)});
        other.parameters = {{"binary", "/usr/sbin/mariadbd"},
                            {"client_binary", "/usr/bin/mariadb"},
                            {"config", own.at("config")},
                            {"datadir", own.at("datadir")},
                            {"socket", own.at("socket")},
                            {"log", own.at("log")},
                            {"pid", pid_file},
                            {"test_user", "root"},
                            {"test_table", "mysql.global_priv"}};
        other.environment = {"OCF_CHECK_LEVEL=10", "OCF_ROOT=/usr/lib/ocf"};
        return other;
    }

    AgentCall agent_;
};

using MysqlCostOnMariadb = MysqlCost;
TEST_F(MysqlCostOnMariadb, OfAMonitor) {
    const auto standby = median_cost([&] { expect(0, agent_.monitor()); });
    expect(0, agent_("promote"));
    const auto active = median_cost([&] { expect(8, agent_.monitor()); });
    std::printf("    monitor of the standby: %.1f ms of CPU, median of %d\n", standby, times);
    std::printf("    monitor of the active: %.1f ms of CPU, median of %d\n", active, times);
    EXPECT_LT(standby, 10 * aim);
    EXPECT_LT(active, 10 * aim);
    if (::access(other_agent, X_OK) != 0) {
        std::printf("    ocf:heartbeat:mysql is not installed\n");
        return;
    }
    const auto theirs = other();
    const auto their_cost = median_cost([&] { expect(0, theirs.monitor(10)); });
    std::printf("    ocf:heartbeat:mysql, level 10: %.1f ms of CPU, %.1f times the active's\n",
                their_cost, their_cost / active);
}

}  // namespace

}  // namespace duet::test
