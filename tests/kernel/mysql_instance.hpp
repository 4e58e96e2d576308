// SPDX-License-Identifier: GPL-2.0-or-later
// The pair, and what the agent of one of the two knows, as in a cluster.
#pragma once

#include <optional>

#include "instance.hpp"
#include "mysql_pair.hpp"

namespace duet::test {

class MysqlInstance : public MysqlPair {
  protected:
    void be_agent_of(const AgentCall& agent, const std::string& node) {
        config_.binary = agent.parameters.at("binary");
        config_.config = agent.parameters.at("config");
        config_.datadir = agent.parameters.at("datadir");
        config_.socket = agent.parameters.at("socket");
        config_.log = agent.parameters.at("log");
        config_.credentials = agent.parameters.at("credentials");
        config_.peers = {"a=10.0.0.1", "b=10.0.0.2:3307"};
        call_.agent = "mysql";
        call_.instance = agent.instance;
        call_.node = node;
        call_.deadline = Deadline::after(Milliseconds(60'000));
        ASSERT_TRUE(run_directory(call_).size());
        instance_.emplace(config_, call_);
    }
    std::string noted() { return instance_->notes.get("diverged").value_or(""); }

    mysql::Config config_;
    Call call_;
    std::optional<mysql::Instance> instance_;
};

}  // namespace duet::test
