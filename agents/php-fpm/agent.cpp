// SPDX-License-Identifier: GPL-2.0-or-later
// The table of the php-fpm agent.
#include "fastcgi.hpp"
#include "ocf.hpp"
#include "server.hpp"
#include "text.hpp"

namespace duet::php_fpm {

namespace {

using namespace std::chrono_literals;

constexpr Parameter<Config> parameters[] = {
    {"binary", &Config::binary, "the server's program",
     "Path of php-fpm, or its name, which is looked for in PATH; where it is not there, with the "
     "version that the configuration's path has, as Debian calls it (php-fpm8.2)."},
    {"config", &Config::config, "the server's configuration",
     "Full path of the file that php-fpm is started with. It is the mark by which a running "
     "php-fpm is known to be this one, whoever started it.", {.unique = true}},
    {"listen", &Config::listen, "where it listens, blank-separated",
     "As in the configuration: the path of a socket, ADDRESS:PORT or PORT. One for each pool that "
     "is to be watched; start waits for them, and a monitor of depth 10 asks them all.",
     {.unique = true}},
    {"ping", &Config::ping, "path of the ping page",
     "What the configuration calls ping.path; all pools that are watched must have it.",
     {.reloadable = true}},
    {"response", &Config::response, "the answer to a ping",
     "What the configuration calls ping.response.", {.reloadable = true}},
    {"status", &Config::status, "path of the status page",
     "What the configuration calls pm.status_path. Without it, the status is not asked for.",
     {.reloadable = true}},
    {"queue", &Config::queue, "how many connections may wait",
     "When more than so many wait in a pool's queue, by the status page, the resource is "
     "degraded: that is shown, and nothing is moved or restarted. 0: any number.",
     {.reloadable = true, .least = 0, .most = 65535}},
    {"connect_patience", &Config::connect_patience, "how long a connection may take",
     "A pool that cannot be connected to within this time does not answer.", {.reloadable = true}},
    {"patience", &Config::patience, "how long the answers may take",
     "Pools that have not answered within this time, all of them together, do not answer.",
     {.reloadable = true}},
    {"slow", &Config::slow, "when an answer is slow",
     "A good answer to a ping that takes longer makes the resource degraded: that is shown, and "
     "nothing is moved or restarted. 0: never.", {.reloadable = true}},
    {"drain", &Config::drain, "what running requests may take at stop",
     "How long stop lets requests finish before it ends php-fpm by force; never more than 60 % of "
     "the time that the cluster gives it. The configuration's process_control_timeout must not be "
     "shorter: php-fpm ends them itself when that is over.", {.reloadable = true}},
};

constexpr Action<Config> actions[] = {
    {"start", 30s, [](const Config& c, const Call& call) { return start_service(service(c), call); }},
    {"stop", 30s, [](const Config& c, const Call& call) { return stop_service(service(c), call); }},
    {"monitor", 10s,
     [](const Config& c, const Call& call) { return monitor_service(service(c), call); }, 1s},
    {"monitor", 15s,
     [](const Config& c, const Call& call) { return monitor_service(service(c), call); }, 5s,
     Role::any, 10},
    {"reload", 20s, [](const Config& c, const Call& call) { return reload_service(service(c), call); }},
    {"reload-agent", 20s,
     [](const Config& c, const Call& call) { return adopt_parameters(service(c), call); }},
    {"validate-all", 20s,
     [](const Config& c, const Call& call) { return validate_service(service(c), call); }},
    {"meta-data", 5s, nullptr},
};

std::vector<std::string> problems(const Config& config) {
    std::vector<std::string> found;
    if (!config.config.starts_with('/'))
        found.push_back(
            cat("parameter 'config' is '", config.config, "': expected a full path"));
    for (const auto& word : config.listen)
        if (!parse_fastcgi_target(word))
            found.push_back(cat("parameter 'listen' has '", word,
                                "': expected /PATH, ADDRESS:PORT or PORT, IPv6 in brackets"));
    for (const auto& [name, path] :
         {std::pair{"ping", config.ping}, std::pair{"status", config.status}})
        if (!path.empty() && !path.starts_with('/'))
            found.push_back(
                cat("parameter '", name, "' is '", path, "': expected a path that begins with /"));
    for (const auto& [name, span] : {std::pair{"patience", config.patience},
                                     std::pair{"connect_patience", config.connect_patience}})
        if (span.count() == 0)
            found.push_back(cat("parameter '", name, "' is '0': expected more than no time"));
    return found;
}

constexpr Agent<Config> agent{
    "php-fpm",
    "PHP FastCGI process manager",
    "Runs php-fpm. The configuration is tested before each start and reload; start waits until "
    "every pool answers a ping over FastCGI, with no web server in between; stop lets running "
    "requests finish. Workers that outlived their master are found and ended. INSTANCE-state "
    "shows how it is.",
    parameters, actions, problems};

}  // namespace

}  // namespace duet::php_fpm

int main(int argc, char** argv) { return duet::ocf::run(duet::php_fpm::agent, argc, argv); }
