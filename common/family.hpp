// SPDX-License-Identifier: GPL-2.0-or-later
// A server that is a family of processes: a master that knows the configuration, and workers that
// it forks (nginx, php-fpm). After a SIGKILL of the master the workers live on, and hold the port.
//
// The master is known by executable and command line, whoever started it. Workers do not show which
// configuration is theirs, but they keep the master's session, and the kernel gives its number to
// nobody else while one of them lives; where that number was lost, they are known by where they
// listen.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon.hpp"
#include "notes.hpp"

namespace duet {

struct Marks {
    std::string binary;  // the parameter: a path or a name
    std::string config;
    bool (*is_master)(const std::vector<std::string>& command_line, const std::string& config);
    // On its way to become one: the command line as it was given.
    bool (*is_starting)(const std::vector<std::string>& command_line, const std::string& config);
    bool (*is_worker)(const std::vector<std::string>& command_line);
    std::vector<std::string> places;  // where it listens, see listening.hpp; may be empty
};

class Family {
  public:
    // `folder`: the run directory of the resource.
    Family(Marks marks, const std::string& folder);

    struct Sight {
        std::optional<Process> master;
        bool starting = false;
        std::vector<Process> orphans;  // ours, and no master is left that they obey

        bool empty() const { return !master && !starting && orphans.empty(); }
    };
    // At what was remembered; cheap while that lives.
    std::optional<Process> remembered_master() const;
    // At all processes. What is found is remembered.
    Sight look();
    // The master, first, and its workers, or the orphans, or what is starting.
    std::vector<Process> members();

    void forget();

  private:
    bool is_ours(const Process& process) const;
    bool is_orphan(const Process& process) const;
    void remember_session(const Process& master);

    Marks marks_;
    std::string memory_;
    Notes notes_;
    std::string program_;
};

}  // namespace duet
