// SPDX-License-Identifier: GPL-2.0-or-later
#include "node.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "failure.hpp"
#include "file.hpp"
#include "text.hpp"

namespace duet::lab {

namespace {

ino_t pid_namespace(pid_t pid) {
    struct stat status{};
    return stat(cat("/proc/", pid, "/ns/pid").c_str(), &status) == 0 ? status.st_ino : 0;
}

// By base name, or as the file that the node has under the path `program`: how another namespace
// names that file depends on where its own root lies.
bool runs(const Process& process, const std::string& program) {
    if (!program.starts_with('/')) {
        const auto path = process.executable();
        return path.substr(path.rfind('/') + 1) == program;
    }
    const auto folder = cat("/proc/", process.pid());
    struct stat file {}, wanted {};
    return ::stat((folder + "/exe").c_str(), &file) == 0 &&
           ::stat(cat(folder, "/root", program).c_str(), &wanted) == 0 &&
           file.st_dev == wanted.st_dev && file.st_ino == wanted.st_ino;
}

}  // namespace

std::vector<std::string> entering(pid_t pid, const std::string& namespaces,
                                  const std::vector<std::string>& inside) {
    std::vector<std::string> argv{"nsenter", "-t", cat(pid)};
    for (const auto& flag : split_words(namespaces)) argv.push_back(flag);
    for (const char* word :
         {"--", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8"})
        argv.push_back(word);
    if (const char* terminal = getenv("TERM")) argv.push_back(cat("TERM=", terminal));
    argv.insert(argv.end(), inside.begin(), inside.end());
    return argv;
}

pid_t Node::pid() const {
    if (const auto pid = world_.pid_of(name_)) return *pid;
    throw Failure(Exit::generic, cat("node ", name_, " is off"));
}

std::string Node::path(const std::string& inside) const {
    return cat("/proc/", pid(), "/root", inside);
}

Ended Node::run(const std::vector<std::string>& argv, Milliseconds limit,
                const std::string& input) const {
    RunOptions options;
    options.input = input;
    options.output_limit = 4 * 1024 * 1024;
    return duet::run(entering(pid(), "-m -u -i -n -p -r -w", argv), Deadline::after(limit),
                     options);
}

std::string Node::output_of(const std::vector<std::string>& argv, Milliseconds limit,
                            const std::string& input) const {
    const Ended ended = run(argv, limit, input);
    if (!ended.succeeded())
        throw Failure(Exit::generic, cat("on node ", name_, ": ", join(argv, " "), ' ',
                                         ended.how(), ": ", ended.last_words()));
    return std::string(trim(ended.out));
}

void Node::set_frozen(bool frozen) const {
    const std::string cgroup = world_.place().cgroup(name_);
    const bool v2 = !cgroup.empty() && access((cgroup + "/cgroup.freeze").c_str(), W_OK) == 0;
    const bool v1 = !cgroup.empty() && access((cgroup + "/freezer.state").c_str(), W_OK) == 0;
    if (!v1 && !v2) throw Failure(Exit::installed, "this machine has no cgroup freezer");
    if (v2) std::ofstream(cgroup + "/cgroup.freeze") << (frozen ? "1\n" : "0\n");
    if (v1) std::ofstream(cgroup + "/freezer.state") << (frozen ? "FROZEN\n" : "THAWED\n");
    const Deadline deadline = Deadline::after(Milliseconds(5000));
    const auto done = [&] {
        if (v1) return trim(read_file(cgroup + "/freezer.state").value_or("")) ==
                       (frozen ? "FROZEN" : "THAWED");
        const auto events = read_file(cgroup + "/cgroup.events").value_or("");
        return events.find(frozen ? "frozen 1" : "frozen 0") != std::string::npos;
    };
    while (!done()) deadline.pause(Milliseconds(2), cat("the freezer of node ", name_));
}

std::vector<Process> Node::processes(const std::string& program) const {
    const ino_t wanted = pid_namespace(pid());
    auto found = duet::processes();
    std::erase_if(found, [&](const Process& process) {
        return pid_namespace(process.pid()) != wanted || !runs(process, program);
    });
    std::sort(found.begin(), found.end(), [](const Process& one, const Process& two) {
        return one.start_time() < two.start_time();
    });
    return found;
}

int Node::signal(const std::string& program, int number) const {
    const auto found = processes(program);
    for (const auto& process : found) process.signal(number);
    return static_cast<int>(found.size());
}

}  // namespace duet::lab
