// SPDX-License-Identifier: GPL-2.0-or-later
// The table of the mysql agent.
#include "actions.hpp"
#include "ocf.hpp"
#include "seed.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

using namespace std::chrono_literals;

constexpr Parameter<Config> parameters[] = {
    {"binary", &Config::binary, "the server's program",
     "Name or full path of mariadbd, or of MySQL's mysqld."},
    {"config", &Config::config, "option file of the server",
     "Full path of the option file that the server is started with. It should not set read_only, "
     "the semi-synchronous switches or init_rpl_role: those follow the role."},
    {"datadir", &Config::datadir, "data directory", "Full path of the server's data directory. The "
     "epoch file duet.state lies in it.", {.unique = true}},
    {"socket", &Config::socket, "unix socket",
     "Full path of the unix socket over which the agent speaks to the server.", {.unique = true}},
    {"user", &Config::user, "system user", "The system user that the server runs as."},
    {"log", &Config::log, "error log", "Full path of the server's error log."},
    {"credentials", &Config::credentials, "option file with the accounts",
     "Full path of an option file, mode 0600, with the agent's own account in the group [client] "
     "and the account for replication in the group [replication].", {.reloadable = true}},
    {"peers", &Config::peers, "NODE=ADDRESS[:PORT] for both servers, blank-separated",
     "The servers of the pair: the cluster's name of each node and the address that the other "
     "server's replication connects to. The same value on all nodes, in the same order.",
     {.required = true}},
    {"preferred_node", &Config::preferred_node, "node that should be active",
     "The node that the service returns to by itself. Empty: neither.", {.reloadable = true}},
    {"failback", &Config::failback, "whether the service returns by itself",
     "auto: when the preferred server holds everything, the role returns to it. manual and never: "
     "it stays where it is until somebody moves it.",
     {.reloadable = true, .choices = "auto manual never"}},
    {"failback_delay", &Config::failback_delay, "how long all must be well before a failback",
     "The time for which the preferred server must have been granted, caught up and have "
     "failback_requires without interruption.", {.reloadable = true}},
    {"failback_requires", &Config::failback_requires, "ATTRIBUTE=VALUE, blank-separated",
     "Node attributes that the preferred server must have before the service returns to it.",
     {.reloadable = true}},
    {"failback_limit", &Config::failback_limit, "failbacks in an hour",
     "After this many take-overs beside a living peer within an hour the preferred server waits. "
     "0: no limit.", {.reloadable = true, .least = 0, .most = 1000}},
    {"durability", &Config::durability, "what an acknowledged commit is worth",
     "lossless: a commit is acknowledged when the standby has received it too, and going on alone "
     "is a decision of the cluster. async: it is acknowledged at once and may be lost with the "
     "active server.", {.choices = "lossless async"}},
    {"standby_timeout", &Config::standby_timeout, "silence after which the standby is gone",
     "How long a connected standby may be silent before the active server starts to revoke its "
     "grant. Commits wait until the revocation is confirmed or the standby's node is fenced.",
     {.reloadable = true}},
    {"drain_time", &Config::drain_time, "how long writers may take to end",
     "When the role is given up, clients are ended and the server is closed for writes; if that "
     "does not succeed within this time the server is ended hard.", {.reloadable = true}},
    {"hang_time", &Config::hang_time, "how long a server may give no sign of life",
     "A monitor fails when nothing has succeeded for this long: on the active server a write, on "
     "the standby a question. Two attempts at least.", {.reloadable = true}},
    {"events", &Config::events, "whether scheduled events follow the role",
     "true: events run on the active server only: promote enables those that replication left "
     "disabled, and starts the scheduler; demote stops it.", {.reloadable = true}},
    {"reseed", &Config::reseed, "whether a standby is seeded anew by itself",
     "auto: a standby that has diverged or is too old to follow is seeded from the active server "
     "while that serves, after what it alone has was saved. manual: only when a person asks for it.",
     {.reloadable = true, .choices = "auto manual"}},
    {"reseed_port", &Config::reseed_port, "TCP port for seeding",
     "The standby listens here, on its address in peers, while it waits for the active server's "
     "data.", {.reloadable = true, .least = 1, .most = 65535}},
    {"reseed_rate", &Config::reseed_rate, "MiB a second at most",
     "The standby is seeded no faster than this. On MariaDB it must be more than "
     "the server writes to its redo log. 0: no limit.",
     {.reloadable = true, .least = 0, .most = 1'000'000}},
};

constexpr Action<Config> actions[] = {
    {"start", 60s, start},
    {"stop", 120s, stop},
    {"promote", 60s, promote},
    {"demote", 60s, demote},
    {"notify", 20s, notify},
    {"monitor", 10s, monitor, 1s, Role::promoted},
    {"monitor", 10s, monitor, 2s, Role::unpromoted},
    {"monitor", 15s, monitor, 60s, Role::promoted, 10},
    {"monitor", 15s, monitor, 61s, Role::unpromoted, 10},
    {"reload-agent", 20s, [](const Config&, const Call&) { return Exit::success; }},
    {"validate-all", 20s, validate},
    {"meta-data", 5s, nullptr},
};

std::vector<std::string> problems(const Config& config) {
    auto peers = parse_peers(config.peers, default_port);
    auto& found = peers.problems;
    if (found.empty() && peers.all.size() != 2)
        found.push_back(cat("parameter 'peers' is '", join(config.peers, " "),
                            "': expected the two servers of the pair"));
    if (!config.preferred_node.empty() && !peers.find(config.preferred_node))
        found.push_back(cat("parameter 'preferred_node' is '", config.preferred_node,
                            "': expected a node that 'peers' names"));
    for (const auto& word : config.failback_requires)
        if (word.find('=') == 0 || word.find('=') == std::string::npos)
            found.push_back(cat("parameter 'failback_requires' has '", word,
                                "': expected ATTRIBUTE=VALUE"));
    return found;
}

constexpr Agent<Config> agent{
    "mysql",
    "MariaDB or MySQL pair that loses nothing",
    "Runs a MariaDB or MySQL server as one of a pair that follow each other as the roles change. Only the "
    "promoted one is open for writes. With durability=lossless a commit is acknowledged to a "
    "client only when both servers have it, or when the cluster has made sure that the other one "
    "cannot be promoted without it. The service returns to the preferred server by itself when "
    "that is safe.",
    parameters, actions, problems};

// The companion has the environment of the action that started it.
void configure(Config& config) { read_parameters(agent, process_environment(), config); }

}  // namespace

}  // namespace duet::mysql

int main(int argc, char** argv) {
    using namespace duet::mysql;
    if (const auto code = run_seed_companion(argc, argv, configure)) return *code;
    return duet::ocf::run(agent, argc, argv);
}
