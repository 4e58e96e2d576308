// SPDX-License-Identifier: GPL-2.0-or-later
// The table of the rsync-push agent.
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "actions.hpp"
#include "companions.hpp"
#include "file.hpp"
#include "instance.hpp"
#include "log.hpp"
#include "ocf.hpp"
#include "pusher.hpp"
#include "receiver.hpp"
#include "text.hpp"

namespace duet::rsync_push {

namespace {

using namespace std::chrono_literals;

constexpr Parameter<Config> parameters[] = {
    {"trees",
     &Config::trees,
     "PATH[=HOOK], blank-separated",
     "The folders that are the same on both servers. HOOK is what is done on the standby after "
     "something in the folder has changed: nginx and php-fpm test the new configuration and reload "
     "it, cron does nothing, and the full path of a program is run with the folder's path.",
     {.required = true, .unique = true}},
    {"peers",
     &Config::peers,
     "NODE=ADDRESS[:PORT] for both servers, blank-separated",
     "The servers of the pair: the cluster's name of each node, and the address that its rsync "
     "daemon listens on and that it pushes from. The same value on all nodes.",
     {.required = true}},
    {"port",
     &Config::port,
     "TCP port of the rsync daemon",
     "The port where 'peers' names none. It is not rsync's own one, 873, which may be taken.",
     {.least = 1, .most = 65535}},
    {"secret", &Config::secret, "file with the password of the pair",
     "Full path of a file, mode 0600, whose first line is the password that the pusher shows to "
     "the receiver. The same on both servers."},
    {"binary", &Config::binary, "rsync's program", "Name or full path of rsync."},
    {"interval",
     &Config::interval,
     "time between passes",
     "The pusher compares all trees and pushes what has changed after this time, again and again. "
     "After a pass that was not complete it tries again sooner.",
     {.reloadable = true}},
    {"exclude",
     &Config::exclude,
     "patterns, blank-separated",
     "Patterns of rsync for what is neither pushed nor deleted, in all trees.",
     {.reloadable = true}},
    {"max_delete",
     &Config::max_delete,
     "limit of deletions in a pass, number or percent",
     "A tree in which more would be deleted on the standby is not pushed with deletions, and the "
     "state is 'refused'. With % it is a share of the entries in the tree, and 20 are always "
     "allowed. 0: nothing is ever deleted. 100%: no limit.",
     {.reloadable = true}},
    {"stale_after",
     &Config::stale_after,
     "time without a complete pass after which to warn",
     "When no pass was complete for this time, the active's monitor says that it is degraded, and "
     "the standby that it is stale.",
     {.reloadable = true}},
    {"last_push",
     &Config::last_push,
     "time for a last pass before a demotion",
     "Before the role is given up, one more pass is made, for at most this time. 0: none.",
     {.reloadable = true}},
};

constexpr Action<Config> actions[] = {
    {"start", 20s, start},
    {"stop", 20s, stop},
    {"promote", 20s, promote},
    {"demote", 20s, demote},
    {"monitor", 20s, monitor, 10s, Role::promoted},
    {"monitor", 20s, monitor, 11s, Role::unpromoted},
    {"reload-agent", 20s, reload},
    {"validate-all", 20s, validate},
    {"meta-data", 5s, nullptr},
};

std::vector<std::string> problems(const Config& config) {
    auto found = parse_trees(config.trees, own_folders()).problems;
    auto peers = parse_peers(config.peers, config.port);
    if (peers.problems.empty() && peers.all.size() != 2)
        peers.problems.push_back(cat("parameter 'peers' is '", join(config.peers, " "),
                                     "': expected the two servers of the pair"));
    found.insert(found.end(), peers.problems.begin(), peers.problems.end());
    if (!parse_limit(config.max_delete))
        found.push_back(cat("parameter 'max_delete' is '", config.max_delete,
                            "': expected a number, or a number up to 100 and %"));
    if (config.interval < 1s)
        found.push_back(cat("parameter 'interval' is '", format_duration(config.interval),
                            "': expected at least 1s"));
    return found;
}

constexpr Agent<Config> agent{
    "rsync-push",
    "files of the active server, pushed to the standby",
    "Keeps folders of two servers the same. The promoted instance pushes them, at an interval, "
    "with "
    "rsync; the other one runs an rsync daemon that lets in the active server's address alone. "
    "Deletions, links, owners and modes are kept; a source that is empty or has lost too much is "
    "not pushed with deletions. What a returning server alone has is copied aside before anything "
    "is written over it.",
    parameters,
    actions,
    problems};

// The companion has the environment of the action that started it.
int run_companion(Companion companion) {
    std::signal(SIGPIPE, SIG_IGN);
    const auto environment = process_environment();
    const auto call = read_call(agent.name, argument_of(companion), 20s, environment);
    log::open(cat("duet-", call.agent, '(', call.instance, ')'));
    [[maybe_unused]] const int away = ::chdir("/");
    ::prctl(PR_SET_NAME, companion == Companion::pusher ? "duet-push" : "duet-receive");
    try {
        Config config;
        read_parameters(agent, environment, config);
        const Instance instance(config, call);
        // For life, and the same for both: a server that pushes does not receive.
        const auto alone =
            lock_file(instance.directory + "/lock", call.deadline.at_most(Milliseconds(1000)));
        companion == Companion::pusher ? push_forever(instance) : receive_forever(instance);
    } catch (const std::exception& error) {
        log::error("it ends: ", error.what());
        std::cerr << error.what() << std::endl;
    }
    return 1;
}

}  // namespace

}  // namespace duet::rsync_push

int main(int argc, char** argv) {
    using namespace duet::rsync_push;
    for (const auto companion : {Companion::pusher, Companion::receiver})
        if (argc == 3 && std::string_view(argv[1]) == argument_of(companion))
            return run_companion(companion);
    return duet::ocf::run(agent, argc, argv);
}
