// SPDX-License-Identifier: GPL-2.0-or-later
// One node of a lab: its power, its processes, and programs run inside it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "daemon.hpp"
#include "process.hpp"
#include "world.hpp"

namespace duet::lab {

class Node {
  public:
    Node(World world, std::string name) : world_(std::move(world)), name_(std::move(name)) {}

    const std::string& name() const { return name_; }
    bool is_on() const { return world_.ask("status " + name_) == "on"; }
    void power_on() const { world_.ask("on " + name_); }
    void cut_power() const { world_.ask("off " + name_); }

    // Process 1 as this machine sees it. Throws Failure when the node is off.
    pid_t pid() const;
    // Runs a program in all of the node's namespaces. Throws Failure when the node is off.
    Ended run(const std::vector<std::string>& argv,
              Milliseconds limit = Milliseconds(30'000), const std::string& input = {}) const;
    // The output of a program that must succeed, trimmed; throws Failure with its last words.
    std::string output_of(const std::vector<std::string>& argv,
                          Milliseconds limit = Milliseconds(30'000),
                          const std::string& input = {}) const;
    // A path inside the node, as this machine can open it while the node is on.
    std::string path(const std::string& inside) const;

    // The whole node stops, and goes on as if nothing had been. Throw Failure where the machine has
    // no cgroup freezer.
    void freeze() const { set_frozen(true); }
    void thaw() const { set_frozen(false); }

    // Processes of the node whose /proc/PID/exe has this base name ("mariadbd") or is this path
    // ("/usr/sbin/nginx", for an agent is called nginx, too), oldest first, as this machine sees
    // them.
    std::vector<Process> processes(const std::string& program) const;
    // Sends a signal to all of these at once; returns how many there were.
    int signal(const std::string& program, int number) const;

  private:
    void set_frozen(bool frozen) const;

    World world_;
    std::string name_;
};

// argv that runs `inside` in the namespaces of process `pid`, with a bare environment.
std::vector<std::string> entering(pid_t pid, const std::string& namespaces,
                                  const std::vector<std::string>& inside);

}  // namespace duet::lab
