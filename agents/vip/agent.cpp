// SPDX-License-Identifier: GPL-2.0-or-later
// The table of the vip agent.
#include <csignal>

#include "actions.hpp"
#include "announcer.hpp"
#include "entry.hpp"
#include "log.hpp"
#include "ocf.hpp"
#include "text.hpp"

namespace duet::vip {

namespace {

using namespace std::chrono_literals;

constexpr Parameter<Config> parameters[] = {
    {"addresses", &Config::addresses, "ADDRESS/PREFIX[@NIC], blank-separated",
     "The virtual addresses, IPv4 and IPv6, which are held all together or not at all. NIC is the "
     "name of the interface; NODE=NIC,NODE=NIC where the servers call it differently. Without it "
     "the interface is the one in whose subnet the address is, or that the routes name.",
     {.required = true, .unique = true}},
    {"gateways", &Config::gateways, "gateways to tell, blank-separated",
     "Addresses of routers that are told in person where the virtual addresses are. Without it, "
     "and for interfaces that none of the named is on, the next hops of the interface's routes.",
     {.reloadable = true}},
    {"conflict", &Config::conflict, "what to do when another host has an address",
     "takeover: it is taken all the same, the other host is named in INSTANCE-state, and the "
     "announcement is repeated until it is silent. refuse: start asks first and fails.",
     {.reloadable = true, .choices = "takeover refuse"}},
    {"refresh", &Config::refresh, "time between announcements",
     "The addresses are announced several times after start, and then again and again after this "
     "time, so that switches and neighbours do not forget them. 0: only after start.",
     {.reloadable = true}},
    {"check_link", &Config::check_link, "whether a dead interface is a failure",
     "true: start and monitor fail when an interface is down or without carrier.",
     {.reloadable = true}},
    {"close_connections", &Config::close_connections, "whether stop ends TCP connections",
     "true: stop ends the TCP connections of the addresses, so that clients learn at once that "
     "they must connect anew.",
     {.reloadable = true}},
    {"source_address", &Config::source_address, "whether the server itself uses an IPv6 address",
     "false: IPv6 addresses are deprecated for the server's own outgoing connections, which then "
     "start at its permanent address."},
};

constexpr Action<Config> actions[] = {
    {"start", 20s, start},
    {"stop", 20s, stop},
    {"monitor", 10s, monitor, 5s},
    {"monitor", 20s, monitor, 30s, Role::any, 10},
    {"reload-agent", 20s, reload},
    {"validate-all", 20s, validate},
    {"meta-data", 5s, nullptr},
};

std::vector<std::string> problems(const Config& config) {
    auto found = parse_entries(config.addresses).problems;
    for (const auto& word : config.gateways)
        if (!parse_address(word))
            found.push_back(cat("parameter 'gateways' has '", word, "': expected an address"));
    return found;
}

constexpr Agent<Config> agent{
    "vip",
    "virtual addresses, held together",
    "Holds one or more virtual addresses, IPv4 and IPv6, as one resource: all or none. They are "
    "announced to the segment and to the gateways, again and again for as long as they are held; "
    "another owner is noticed and named. Stop removes them from whichever interface has them.",
    parameters, actions, problems};

// The companion process has the environment of the action that started it.
int run_announcer() {
    std::signal(SIGPIPE, SIG_IGN);
    const auto environment = process_environment();
    const auto call = read_call(agent.name, "announce", 20s, environment);
    log::open(cat("duet-", call.agent, '(', call.instance, ')'));
    Config config;
    read_parameters(agent, environment, config);
    return announce(config, call);
}

}  // namespace

}  // namespace duet::vip

int main(int argc, char** argv) {
    if (argc > 1 && std::string_view(argv[1]) == "--announce") return duet::vip::run_announcer();
    return duet::ocf::run(duet::vip::agent, argc, argv);
}
