// SPDX-License-Identifier: GPL-2.0-or-later
// The table of the nginx agent.
#include "expression.hpp"
#include "ocf.hpp"
#include "policy.hpp"
#include "server.hpp"
#include "text.hpp"

namespace duet::nginx {

namespace {

using namespace std::chrono_literals;

constexpr Parameter<Config> parameters[] = {
    {"binary", &Config::binary, "the server's program",
     "Path of nginx, or its name, which is looked for in PATH."},
    {"config", &Config::config, "the server's configuration",
     "Full path of the file that nginx is started with. It is the mark by which a running nginx is "
     "known to be this one, whoever started it.", {.unique = true}},
    {"url", &Config::url, "pages to fetch, blank-separated",
     "The pages that start waits for and a monitor of depth 10 fetches, all at once. They should "
     "depend on nothing but nginx, not even on a name server: name addresses. Without it only the process is watched.",
     {.reloadable = true}},
    {"status", &Config::status, "the HTTP status to expect",
     "The one status with which every page must be answered. Redirects are not followed.",
     {.reloadable = true, .least = 100, .most = 599}},
    {"body", &Config::body, "what every page must contain",
     "An extended regular expression that must match somewhere in the first 64 KiB of each page.",
     {.reloadable = true}},
    {"target", &Config::target, "ADDRESS[:PORT] or socket to connect to",
     "Where to connect instead of what the pages' addresses name, which then only choose the "
     "virtual host: url=https://www.example.com/ target=127.0.0.1. Or the path of a unix socket.",
     {.reloadable = true}},
    {"ca", &Config::ca, "certificates to check https pages against",
     "A file of CA certificates. Without it, the system's.", {.reloadable = true}},
    {"verify", &Config::verify, "whether the certificate is checked",
     "false: any certificate will do for https pages.", {.reloadable = true}},
    {"connect_patience", &Config::connect_patience, "how long a connection may take",
     "A page that cannot be connected to within this time does not answer.", {.reloadable = true}},
    {"patience", &Config::patience, "how long a page may take",
     "A page that has not come whole within this time does not answer.", {.reloadable = true}},
    {"slow", &Config::slow, "when a page is slow",
     "A good page that takes longer makes the resource degraded: that is shown, and nothing is "
     "moved or restarted. 0: never.", {.reloadable = true}},
    {"drain", &Config::drain, "what running requests may take at stop",
     "How long stop lets requests finish before it ends nginx by force; never more than 60 % of "
     "the time that the cluster gives it.", {.reloadable = true}},
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
    if (!config.config.starts_with('/') || config.config.find(' ') != std::string::npos)
        found.push_back(cat("parameter 'config' is '", config.config,
                            "': expected a full path without blanks"));
    for (const auto& url : config.url)
        if (!parse_url(url))
            found.push_back(cat("parameter 'url' has '", url,
                                "': expected http://HOST[:PORT]/... or https://HOST[:PORT]/..."));
    if (const auto problem = Expression(config.body).problem(); problem && !config.body.empty())
        found.push_back(cat("parameter 'body' is '", config.body,
                            "': expected a regular expression (", *problem, ")"));
    if (!config.target.empty() && !config.target.starts_with('/') &&
        !parse_url(cat("http://", config.target)))
        found.push_back(cat("parameter 'target' is '", config.target,
                            "': expected ADDRESS, ADDRESS:PORT (IPv6 in brackets) or /PATH"));
    for (const auto& [name, span] : {std::pair{"patience", config.patience},
                                     std::pair{"connect_patience", config.connect_patience}})
        if (span.count() == 0)
            found.push_back(cat("parameter '", name, "' is '0': expected more than no time"));
    return found;
}

constexpr Agent<Config> agent{
    "nginx",
    "nginx web server",
    "Runs nginx. The configuration is tested before each start and reload; start waits until the "
    "pages are answered as they should be; stop lets running requests finish. Workers that "
    "outlived their master are found and ended. INSTANCE-state shows how it is.",
    parameters, actions, problems};

}  // namespace

}  // namespace duet::nginx

int main(int argc, char** argv) { return duet::ocf::run(duet::nginx::agent, argc, argv); }
