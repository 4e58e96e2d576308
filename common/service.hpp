// SPDX-License-Identifier: GPL-2.0-or-later
// The actions that nginx and php-fpm have in common: a server with a configuration that it can
// test, a master with workers, a graceful end, and something to ask it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "call.hpp"
#include "failure.hpp"
#include "family.hpp"
#include "service_policy.hpp"

namespace duet {

struct Service {
    std::string name;  // in sentences: "nginx"
    Marks marks;
    // After the program's own name.
    std::vector<std::string> start_arguments, test_arguments;
    int reload_signal;
    // The server's own message, out of all that it said.
    std::string (*message)(const std::string& output);
    std::function<void()> prepare = {};  // what must be there before it starts
    // Asks the server; every wait ends before the deadline.
    std::function<Verdict(const Deadline&)> ask;
    Milliseconds drain;  // what running requests may take when it is stopped
};

Exit start_service(const Service& service, const Call& call);
Exit stop_service(const Service& service, const Call& call);
Exit monitor_service(const Service& service, const Call& call);
// Takes the configuration over, if the server accepts it; otherwise the old one goes on.
Exit reload_service(const Service& service, const Call& call);
// New parameters of the agent concern its checks alone.
Exit adopt_parameters(const Service& service, const Call& call);
// At check level 10, what is wrong on this server.
Exit validate_service(const Service& service, const Call& call);

}  // namespace duet
