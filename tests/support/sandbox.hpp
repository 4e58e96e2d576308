// SPDX-License-Identifier: GPL-2.0-or-later
// A room of its own for a test program that needs root: private namespaces for processes, mounts,
// network, IPC and host name, in which /run is empty and what is written to /etc, /var/lib,
// /var/log and the folder of OCF agents is lost at the end. Nothing of the host is touched, and
// nothing outlives the program.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "process.hpp"

namespace duet::test {

// Runs `body` in the sandbox and returns its exit code; 77 (skipped) without root.
int in_sandbox(int (*body)());
// gtest's main, in the sandbox.
int run_all_tests_in_sandbox(int argc, char** argv);

// Runs a program that must succeed; throws with its words otherwise.
std::string must(const std::vector<std::string>& argv);
// The same, for a line of words without quoting: must("ip link set lo up").
std::string must(const std::string& line);

// A bridge `lan0` and on it `eth0` with 192.0.2.11/24 and 2001:db8::11/64.
void make_lan();

// The built agent's program, and the same where Pacemaker would find it (a bind mount).
std::string built_agent(const std::string& name);
void install_agents(const std::vector<std::string>& names);
std::string installed_agent(const std::string& name);

using Parameters = std::map<std::string, std::string>;

// One action of an agent, as Pacemaker would call it.
struct AgentCall {
    std::string program;
    Parameters parameters;
    std::string instance = "test";
    std::vector<std::string> environment = {};  // "NAME=value", more
    Ended operator()(const std::string& action) const;
    // A recurring monitor (a plain "monitor" is a probe), at a check level.
    Ended monitor(int level = 0) const;
};
// The sentences after "ocf-exit-reason:".
std::vector<std::string> exit_reasons(const Ended& ended);

}  // namespace duet::test
