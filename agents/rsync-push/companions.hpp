// SPDX-License-Identifier: GPL-2.0-or-later
// The processes that belong to a started resource: the agent's own program with another argument,
// one of the two at a time, each the leader of a session, and the rsync processes below them.
#pragma once

#include <optional>
#include <vector>

#include "call.hpp"
#include "daemon.hpp"

namespace duet::rsync_push {

enum class Companion { pusher, receiver };
const char* argument_of(Companion companion);

std::optional<Process> find_companion(const Call& call, Companion companion);
// Returns when it said "ready". Throws Failure with what it said instead.
void start_companion(const Call& call, Companion companion);
// Said by the companion itself, once.
void say_ready();

// Everything that belongs to this instance, whatever is left of it: found by session and
// environment, and by command line where the files with the numbers are lost.
std::vector<Process> belongings(const Call& call);
// Ends all of it. Throws Failure when something survives.
void end_belongings(const Call& call);

// Where the receiver remembers its daemon, which leads a session of its own.
std::string daemon_file(const Call& call);

}  // namespace duet::rsync_push
