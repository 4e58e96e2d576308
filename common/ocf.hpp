// SPDX-License-Identifier: GPL-2.0-or-later
// The OCF contract, kept once for all agents: one argument in, one exit code and at most one
// ocf-exit-reason out.
#pragma once

#include <functional>

#include "agent.hpp"
#include "description.hpp"
#include "parameters.hpp"

namespace duet::ocf {

// The handler of an action with its Config bound; reads the parameters itself.
using Handler = std::function<Exit(const Call&, const Environment&)>;
// The handler of the named action; nothing where the agent has none.
using Handlers = std::function<Handler(const std::string& action)>;

int run(const Description& description, const Handlers& handlers, int argc, char** argv);

// Actions that must work on what an unreadable parameter left behind take its default instead.
bool is_lenient(const Call& call);
// Throws Failure(configured) for what `call` cannot do without; logs what it can.
void judge(const ParameterProblems& problems, const Call& call);

template <typename Config>
int run(const Agent<Config>& agent, int argc, char** argv) {
    const auto handlers = [&agent](const std::string& name) -> Handler {
        for (const auto& row : agent.actions)
            if (name == row.name)
                return [&agent, &row](const Call& call, const Environment& environment) {
                    Config config;
                    judge(read_parameters(agent, environment, config), call);
                    return row.handler(config, call);
                };
        return nullptr;
    };
    return run(describe(agent), handlers, argc, argv);
}

}  // namespace duet::ocf
