// SPDX-License-Identifier: GPL-2.0-or-later
// The receiver's rsync daemon: its configuration, its start, and whether it listens.
#pragma once

#include <string>
#include <vector>

#include "daemon.hpp"
#include "instance.hpp"

namespace duet::rsync_push {

// The account that the two daemons share; its word is the parameter `secret`.
inline constexpr auto account = "duet";
// Beside the trees' modules: what the receiver tells, and where it is told of a complete pass.
inline constexpr auto life_module = "life", record_module = "record";

std::string daemon_config(const std::string& directory);
std::string config_text(const Instance& instance);

// Writes the configuration, starts the daemon and waits until it listens. Throws Failure.
Process start_daemon_of(const Instance& instance);
// True when the process itself has a listening TCP socket, by the kernel's word.
bool is_listening(const Process& process);

// What the daemon complained of since it was asked last. It writes several lines for each
// connection, of which these alone are worth the system's log; the rest is thrown away.
std::vector<std::string> take_trouble(const Instance& instance);

// The word in the file `secret`. Throws Failure(args) when the file is not fit for one.
std::string read_secret(const Config& config);

}  // namespace duet::rsync_push
