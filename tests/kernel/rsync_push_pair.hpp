// SPDX-License-Identifier: GPL-2.0-or-later
// Two servers for the rsync-push agent, in namespaces inside the sandbox: each with processes,
// network, /run/duet, /var/lib/duet and /srv of its own, and a cable between them.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "sandbox.hpp"

namespace duet::test {

class Server {
  public:
    explicit Server(std::string name);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    const std::string& name() const { return name_; }
    pid_t init() const { return init_; }
    // A path of this server, as the test sees it.
    std::filesystem::path path(const std::string& inside) const;
    // Runs a program in there.
    Ended run(const std::vector<std::string>& argv,
              const std::vector<std::string>& environment = {}) const;
    std::string must(const std::string& line) const;

    // The agent's action, as the cluster would call it on this server.
    Ended agent(const std::string& action) const;
    Ended monitor() const;
    Parameters parameters;

    // What the pusher or the receiver noted: "state", "words".
    std::string pusher(const std::string& name) const;
    std::string receiver(const std::string& name) const;
    // Processes whose command line has `word`.
    std::vector<pid_t> pids_with(const std::string& word) const;
    // Addresses and ports that something listens on, as the kernel writes them.
    std::vector<std::string> listening() const;

    void write(const std::string& file, const std::string& content) const;
    std::string read(const std::string& file) const;
    bool has(const std::string& file) const;

  private:
    std::string name_;
    pid_t shell_ = -1, init_ = -1;
};

struct Pair {
    Pair();
    Server a{"a"}, b{"b"};
    // a Promoted, b Unpromoted and its first pass complete.
    void bring_up();
    void cut_cable();
    void mend_cable();
};

// Everything below a folder that rsync is to keep: names, kinds, modes, owners, times, links,
// contents; one line each.
std::string everything_in(const std::filesystem::path& folder);

// Looks again and again, at most 20 s, until it is so.
bool eventually(const std::function<bool()>& is_so);

}  // namespace duet::test
