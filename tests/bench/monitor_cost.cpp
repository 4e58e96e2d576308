// SPDX-License-Identifier: GPL-2.0-or-later
// What a monitor of vip and of nginx costs, beside the agents that most sites use and beside a bare
// program with the same library and the same one request: all in turn, in one run on one server.
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <stdexcept>

#include "cost.hpp"
#include "file.hpp"
#include "sandbox.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

constexpr int times = 31;
const std::string heartbeat = "/usr/lib/ocf/resource.d/heartbeat";
const std::vector<std::string> their_environment{"OCF_ROOT=/usr/lib/ocf",
                                                 "PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
constexpr auto url = "http://127.0.0.1:8080/";

void succeed(const Ended& ended, const std::string& what) {
    if (!ended.succeeded())
        throw std::runtime_error(cat(what, ' ', ended.how(), ": ", ended.last_words()));
}

struct Subject {
    std::string name;
    std::function<void()> monitor;
    std::vector<double> costs = {};
    double cost() const { return median(costs); }
};

Subject of_agent(const std::string& name, const AgentCall& call, int level) {
    return {name, [=] { succeed(call.monitor(level), name); }};
}

// Ours first, then what it is held against; each once before anything is measured.
void compare(std::vector<Subject> subjects) {
    for (auto& subject : subjects) subject.monitor();
    for (int turn = 0; turn < times; ++turn)
        for (auto& subject : subjects) subject.costs.push_back(cost_of(subject.monitor));
    const auto ours = subjects.front().cost();
    for (const auto& subject : subjects)
        std::printf("%-42s %6.2f ms %8.2f\n", subject.name.c_str(), subject.cost(),
                    subject.cost() / ours);
    std::printf("%-42s %6.2f %% of a core\n\n", "  every second", ours / 10);
}

void compare_vip() {
    AgentCall ours;
    ours.program = built_agent("vip");
    ours.parameters = {{"addresses", "192.0.2.10/24 2001:db8::10/64"}};
    succeed(ours("start"), "vip");
    std::vector<Subject> subjects{of_agent("ocf:duet:vip, two addresses", ours, 0)};
    AgentCall theirs;
    theirs.program = heartbeat + "/IPaddr2";
    theirs.parameters = {{"ip", "192.0.2.20"}, {"cidr_netmask", "24"}, {"nic", "eth0"}};
    theirs.environment = their_environment;
    if (::access(theirs.program.c_str(), X_OK) == 0) {
        succeed(theirs("start"), "IPaddr2");
        subjects.push_back(of_agent("ocf:heartbeat:IPaddr2, one address", theirs, 0));
    }
    subjects.push_back({"bare program, one dump over libmnl",
                        [] { must(DUET_BENCH "/bare_addresses"); }});
    compare(std::move(subjects));
    succeed(ours("stop"), "vip");
}

void compare_nginx() {
    const std::string config = "/run/nginx.conf", page = "/run/www/index.html";
    must("mkdir /run/www");
    replace_file(page, "all is well\n", Durability::none, 0644);
    replace_file(config,
                 "worker_processes 1;\npid /run/nginx.pid;\nerror_log /run/error.log;\nevents {}\n"
                 "http {\naccess_log off;\nserver {\nlisten 127.0.0.1:8080;\nroot /run/www;\n}\n}\n",
                 Durability::none, 0644);
    AgentCall ours;
    ours.program = built_agent("nginx");
    ours.parameters = {{"config", config}, {"url", url}, {"body", "is w[e]ll"}};
    succeed(ours("start"), "nginx");
    std::vector<Subject> subjects{of_agent("ocf:duet:nginx, one URL", ours, 10)};
    AgentCall theirs;
    theirs.program = heartbeat + "/nginx";
    theirs.parameters = {{"configfile", config},
                         {"httpd", "/usr/sbin/nginx"},
                         {"status10url", url},
                         {"status10regex", "is w[e]ll"}};
    theirs.environment = their_environment;
    theirs.environment.push_back("OCF_CHECK_LEVEL=10");
    if (::access(theirs.program.c_str(), X_OK) == 0)
        subjects.push_back(of_agent("ocf:heartbeat:nginx, one URL", theirs, 10));
    subjects.push_back(
        {"bare program, one GET over libcurl", [] { must(cat(DUET_BENCH "/bare_get ", url)); }});
    compare(std::move(subjects));
    succeed(ours("stop"), "nginx");
}

int bench() try {
    make_lan();
    std::printf("CPU of one monitor, median of %d%19s  ratio\n", times, "");
    compare_vip();
    if (::access("/usr/sbin/nginx", X_OK) == 0) compare_nginx();
    return 0;
} catch (const std::exception& error) {
    std::printf("%s\n", error.what());
    return 1;
}

}  // namespace

}  // namespace duet::test

int main() { return duet::test::in_sandbox(duet::test::bench); }
