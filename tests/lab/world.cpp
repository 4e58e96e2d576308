// SPDX-License-Identifier: GPL-2.0-or-later
#include "world.hpp"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "disk.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "line_socket.hpp"
#include "pidfd.hpp"
#include "spawn.hpp"
#include "text.hpp"

namespace duet::lab {

namespace fs = std::filesystem;

namespace {

constexpr unsigned long world_namespaces =
    CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC;

// A number in a file is believed only for a process that runs what the lab started.
bool is_of_the_lab(pid_t pid, const Place& place) {
    using namespace std::string_literals;
    const auto line = read_file(cat("/proc/", pid, "/cmdline"));
    if (!line) return false;
    const auto has = [&line](const std::string& part) {
        return line->find(part) != std::string::npos;
    };
    return has("world-init\0"s + place.name + "\0"s) || has(place.state() + "\0"s) ||
           has(place.state() + "/");
}

void remove_cgroups(const Place& place) {
    for (const auto* node : node_names) {
        const std::string cgroup = place.cgroup(node);
        const Deadline deadline = Deadline::after(Milliseconds(5000));
        while (!cgroup.empty() && rmdir(cgroup.c_str()) != 0 && errno == EBUSY)
            deadline.pause(Milliseconds(10), cat("the end of cgroup ", cgroup));
    }
}

}  // namespace

std::optional<pid_t> World::pid_of(const std::string& who) const {
    const auto text = read_file(place_.pid_file(who));
    const auto pid = text ? parse_integer(trim(*text)) : std::nullopt;
    if (!pid || !is_of_the_lab(static_cast<pid_t>(*pid), place_)) return {};
    return static_cast<pid_t>(*pid);
}

bool World::is_up() const { return pid_of("world").has_value(); }

void World::up() {
    if (is_up())
        throw Failure(Exit::generic, cat("the lab '", place_.name, "' is up already; ",
                                         "'lab down' ends it"));
    down();
    fs::create_directories(place_.bmc_folder());
    fs::create_directories(place_.disks());
    const pid_t pid = spawn_in_namespaces(
        world_namespaces, {cat(build_folder(), "/tests/lab/lab"), "world-init", place_.name},
        place_.journal());
    replace_file(place_.pid_file("world"), cat(pid, '\n'), Durability::none, 0644);
    const Deadline deadline = Deadline::after(Milliseconds(15'000));
    while (!(pid_of("client") && pid_of("gateway"))) {
        if (waitpid(pid, nullptr, WNOHANG) == pid || deadline.expired())
            throw Failure(Exit::generic, cat("the lab's networks did not come up; '",
                                             place_.journal(), "*' say why"));
        usleep(10'000);
    }
}

void World::down() const {
    if (const auto pid = pid_of("world")) {
        const Fd handle(pidfd_open(*pid, 0));
        if (handle) {
            std::vector<Fd> disks;
            for (const auto* node : node_names)
                if (const auto process = pid_of(node)) disks.push_back(disk_of(*process));
            pidfd_send_signal(handle.get(), SIGKILL, nullptr, 0);
            // Tasks that a version 1 freezer holds die only when they are let go.
            for (const auto* node : node_names) {
                const std::string state = place_.cgroup(node) + "/freezer.state";
                if (fs::exists(state)) std::ofstream(state) << "THAWED\n";
            }
            for (const auto& disk : disks) thaw(disk);
            pollfd poller{handle.get(), POLLIN, 0};
            if (poll(&poller, 1, 20'000) == 0)
                throw Failure(Exit::generic, "the lab's world did not end within 20 s of SIGKILL");
        }
        waitpid(*pid, nullptr, WNOHANG);
    }
    remove_cgroups(place_);
    fs::remove_all(place_.state());
}

std::string World::ask(const std::string& request) const {
    if (!is_up())
        throw Failure(Exit::generic, cat("the lab '", place_.name, "' is not up; 'lab up' starts it"));
    return lab::ask(place_.control_socket(), request, Deadline::after(Milliseconds(30'000)));
}

}  // namespace duet::lab
