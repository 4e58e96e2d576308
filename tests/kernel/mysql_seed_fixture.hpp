// SPDX-License-Identifier: GPL-2.0-or-later
// A serving active "a", which no longer keeps its first binary logs, and an empty standby "b"; both
// sides of a seeding are run by the test.
#pragma once

#include <atomic>
#include <future>

#include "instance.hpp"
#include "mysql_fixture.hpp"
#include "seed_policy.hpp"
#include "seed_receive.hpp"

namespace duet::test {

constexpr int seed_port = 4444;

class SeedTest : public MysqlTest {
  protected:
    void SetUp() override;
    // More on the active, before its logs are purged.
    virtual void fill(SqlSession&) {}

    // An instance of the agent on a node, as a companion has it.
    struct Side {
        mysql::Config config;
        Call call;
        mysql::Instance instance() const { return mysql::Instance(config, call); }
    };
    static Side side(const AgentCall& agent, const std::string& node);

    static void start(const AgentCall& agent);
    static bool answers(const AgentCall& agent);

    // Runs the standby's side beside; its sentence is empty when it succeeded.
    void take(const mysql::SeedRequest& request = {"word", seed_port});
    std::string give(const mysql::SeedRequest& request = {"word", seed_port});
    // What the standby's monitor does in the meantime.
    void follow();
    static std::string rows(const AgentCall& agent);
    bool wait_for_rows(const std::string& count);
    // In the standby's data directory.
    bool has(const std::string& name);

    AgentCall a_, b_;
    Side give_, take_;
    Fd listener_;
    std::future<std::string> taken_;
    std::atomic<mysql::SeedPhase> phase_{mysql::SeedPhase::none};
};

}  // namespace duet::test
