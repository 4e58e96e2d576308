// SPDX-License-Identifier: GPL-2.0-or-later
#include "power.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <vector>

#include "cuts.hpp"
#include "disk.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "process.hpp"
#include "spawn.hpp"
#include "text.hpp"

namespace duet::lab {

namespace {

constexpr unsigned long node_namespaces =
    CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC;

void check(const std::vector<std::string>& argv, const Ended& ended) {
    if (!ended.succeeded())
        throw Failure(Exit::generic,
                      cat(join(argv, " "), ' ', ended.how(), ": ", ended.last_words()));
}

void thaw_cgroup(const std::string& cgroup) {
    if (cgroup.empty()) return;
    std::ofstream(cgroup + "/cgroup.freeze") << "0\n";
    std::ofstream(cgroup + "/freezer.state") << "THAWED\n";
}

}  // namespace

void run_script(const std::string& name, const std::vector<std::string>& arguments) {
    std::vector<std::string> argv{cat(source_folder(), "/tests/lab/", name)};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    check(argv, run(argv, Deadline::after(Milliseconds(60'000))));
}

void Machines::attach(const std::string& who, pid_t pid) {
    run_script("network.sh", {"attach", who, cat(pid)});
    if (who != "client") ports_.insert(who + "-ext");
    if (who != "gateway") ports_.insert(who + "-int");
    apply_cuts();
}

void Machines::power_on(const std::string& node) {
    if (is_on(node)) return;
    const std::string cgroup = place_.cgroup(node);
    if (!cgroup.empty() && mkdir(cgroup.c_str(), 0755) != 0 && errno != EEXIST)
        throw_errno(cat("make cgroup '", cgroup, "'"));
    const pid_t pid = spawn_in_namespaces(
        node_namespaces,
        {cat(source_folder(), "/tests/lab/node.sh"), node, place_.state(), place_.disk(node),
         cgroup},
        place_.journal() + "." + node);
    nodes_[node] = pid;
    attach(node, pid);
}

void Machines::power_off(const std::string& node) {
    const auto found = nodes_.find(node);
    if (found == nodes_.end()) return;
    const auto pid = parse_integer(trim(read_file(place_.pid_file(node)).value_or("")));
    const Fd disk = pid ? disk_of(static_cast<pid_t>(*pid)) : Fd();
    unlink(place_.pid_file(node).c_str());
    run_script("network.sh", {"detach", node});
    kill(found->second, SIGKILL);
    thaw_cgroup(place_.cgroup(node));
    thaw(disk);
    // Process 1 can be collected only after everything else in its namespace is gone.
    const Deadline deadline = Deadline::after(Milliseconds(10'000));
    while (waitpid(found->second, nullptr, WNOHANG) == 0)
        deadline.pause(Milliseconds(1), cat("the end of node ", node));
    forget(node);
}

void Machines::forget(const std::string& node) {
    nodes_.erase(node);
    ports_.erase(node + "-ext");
    ports_.erase(node + "-int");
}

std::set<std::string> Machines::reap() {
    std::set<std::string> ended;
    for (pid_t pid; (pid = waitpid(-1, nullptr, WNOHANG)) > 0;)
        for (const auto& [node, process] : nodes_)
            if (process == pid) ended.insert(node);
    for (const auto& node : ended) {
        unlink(place_.pid_file(node).c_str());
        run_script("network.sh", {"detach", node});
        forget(node);
    }
    return ended;
}

void Machines::set_cuts(const std::set<std::string>& cuts) {
    for (const auto& cut : cuts) rules_of(cut);
    cuts_ = cuts;
    apply_cuts();
}

void Machines::apply_cuts() {
    RunOptions options;
    options.input = ruleset(cuts_, ports_);
    const std::vector<std::string> argv{"nft", "-f", "-"};
    check(argv, run(argv, Deadline::after(Milliseconds(10'000)), options));
}

}  // namespace duet::lab
