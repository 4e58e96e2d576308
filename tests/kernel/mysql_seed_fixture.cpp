// SPDX-License-Identifier: GPL-2.0-or-later
#include "mysql_seed_fixture.hpp"

#include <filesystem>
#include <thread>

#include "seed_donate.hpp"
#include "seed_stream.hpp"
#include "text.hpp"

namespace duet::test {

using mysql::SeedPhase;

void SeedTest::SetUp() {
    MysqlTest::SetUp();
    a_ = make_agent("a");
    b_ = make_agent("b");
    start(a_);
    expect(0, a_("promote"));
    start(b_);
    ASSERT_EQ(0u, site_error("CREATE DATABASE site"));
    ASSERT_EQ(0u, site_error("CREATE TABLE site.t (id INT PRIMARY KEY, filling LONGTEXT)"
                             " ENGINE = InnoDB"));
    ASSERT_EQ(0u, site_error("INSERT INTO site.t VALUES (1, 'one'), (2, REPEAT('x', 3000000))"));
    auto active = root(a_.parameters);
    fill(active);
    // What an empty server would need is gone.
    active.execute("FLUSH BINARY LOGS");
    // What the engine has not written to its disk yet is not purged, and only a warning says so.
    for (int i = 0; i < 100 && active.rows("SHOW BINARY LOGS").size() > 1; ++i) {
        std::this_thread::sleep_for(Milliseconds(50));
        active.execute(cat("PURGE BINARY LOGS TO '",
                           active.rows("SHOW BINARY LOGS").back()["Log_name"], "'"));
    }
    ASSERT_EQ(1u, active.rows("SHOW BINARY LOGS").size());
    give_ = side(a_, "a");
    take_ = side(b_, "b");
    mysql::Record record;
    record.node = "a";
    record.own = 2;
    mysql::write_record(give_.config.datadir, record);
    record.node = "b";
    record.own = 0;
    record.peer_seen["a"] = 2;
    mysql::write_record(take_.config.datadir, record);
}

// On a busy machine the first start may return before the server answers.
void SeedTest::start(const AgentCall& agent) {
    expect(0, agent("start"));
    for (int i = 0; i < 300 && !answers(agent); ++i)
        std::this_thread::sleep_for(Milliseconds(100));
    expect(0, agent("start"));
}

bool SeedTest::answers(const AgentCall& agent) {
    try {
        root(agent.parameters);
        return true;
    } catch (const SqlError&) {
        return false;
    }
}

SeedTest::Side SeedTest::side(const AgentCall& agent, const std::string& node) {
    Side side;
    side.config.binary = agent.parameters.at("binary");
    side.config.config = agent.parameters.at("config");
    side.config.datadir = agent.parameters.at("datadir");
    side.config.socket = agent.parameters.at("socket");
    side.config.log = agent.parameters.at("log");
    side.config.credentials = agent.parameters.at("credentials");
    side.config.peers = {"a=10.0.0.1", "b=10.0.0.2:3307"};
    side.config.reseed_rate = 0;
    side.call.agent = "mysql";
    side.call.instance = "seeded";
    side.call.node = node;
    side.call.deadline = Deadline::after(Milliseconds(120'000));
    run_directory(side.call);
    return side;
}

void SeedTest::take(const mysql::SeedRequest& request) {
    listener_ = mysql::listen_for_seed("10.0.0.2", seed_port);
    taken_ = std::async(std::launch::async, [this, request]() -> std::string {
        try {
            const auto instance = take_.instance();
            mysql::receive_seed(instance, listener_, request,
                                [this](SeedPhase phase) { phase_ = phase; });
            return {};
        } catch (const std::exception& error) {
            return error.what();
        }
    });
}

std::string SeedTest::give(const mysql::SeedRequest& request) {
    try {
        const auto instance = give_.instance();
        mysql::donate_seed(instance, request);
        return {};
    } catch (const std::exception& error) {
        return error.what();
    }
}

void SeedTest::follow() {
    for (int i = 0; i < 600 && phase_ != SeedPhase::settling; ++i)
        std::this_thread::sleep_for(Milliseconds(50));
    ASSERT_EQ(SeedPhase::settling, phase_);
    auto database = take_.instance().connect(std::chrono::seconds(10));
    mysql::finish_seed(take_.config, database);
    database.start_receiver({"a", "10.0.0.1", port_of_a});
}

std::string SeedTest::rows(const AgentCall& agent) {
    try {
        return root(agent.parameters).value("SELECT COUNT(*) FROM site.t").value_or("none");
    } catch (const SqlError& error) {
        return error.what();
    }
}

bool SeedTest::wait_for_rows(const std::string& count) {
    for (int i = 0; i < 100; ++i) {
        if (rows(b_) == count) return true;
        std::this_thread::sleep_for(Milliseconds(100));
    }
    return false;
}

bool SeedTest::has(const std::string& name) {
    return std::filesystem::exists(take_.config.datadir + '/' + name);
}

}  // namespace duet::test
