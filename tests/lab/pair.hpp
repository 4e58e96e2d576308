// SPDX-License-Identifier: GPL-2.0-or-later
// The two nodes with the shipped configuration: how they come to be, what they are doing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "node.hpp"
#include "status.hpp"

namespace duet::lab {

struct PairOptions {
    std::string corosync;             // a file of crm-examples
    std::vector<std::string> loaded;  // paths, in this order: *.crm for crm, *.pcs.sh for pcs
    bool has_schema = true;           // of the site; needs a promoted database
    // Set after loading, in the place of the agent's own defaults.
    std::vector<std::pair<std::string, std::string>> db_parameters;
};

// The shipped files: corosync-fast.conf, the lab's fence devices, pair.crm, failback after 5 s, as often as it
// comes to that.
PairOptions shipped_pair();
// The same, told by pcs.
PairOptions shipped_pair_by_pcs();
// A cluster with fence devices and nothing else.
PairOptions bare_cluster();

// Told at each step of something long, for the person who waits.
using Progress = std::function<void(const std::string&)>;

class Pair {
  public:
    explicit Pair(World world) : world_(world), nodes_{{world, "a"}, {world, "b"}} {}

    const World& world() const { return world_; }
    // Throws Failure for another name than "a" and "b".
    const Node& node(const std::string& name) const;

    // Two empty, freshly installed servers, started together, told the configuration by crm.
    // Throws Failure.
    void create(const PairOptions& options, const Progress& progress);
    // Everything undone that a test or a person did: power, freezers, cuts, controllers, moves,
    // standby, failures. Returns when the pair is healthy; throws Failure after `limit`.
    void heal(const Progress& progress, Milliseconds limit = Milliseconds(120'000));

    // What one node, or the first that answers, says; nothing when none does.
    std::optional<ClusterStatus> status() const;
    // What is missing for a pair at rest with the service on the preferred node; empty when nothing.
    std::string ailment() const;
    // Looks every 100 ms until `good` says yes; throws Failure("gave up waiting for WHAT ...").
    void wait_until(const std::string& what, Milliseconds limit,
                    const std::function<bool(const ClusterStatus&)>& good) const;
    // Where the database is promoted; empty for nowhere.
    std::string active() const;

    // Copies logs, CIB and scheduler inputs of both nodes into a new folder and returns its path.
    std::string collect_logs(const std::string& title) const;

  private:
    // Runs it on the first node that can.
    void tell(const std::vector<std::string>& argv) const;
    void load(const PairOptions& options, const Progress& progress);
    void load_by_crm(const std::string& file) const;
    void load_by_pcs(const std::vector<std::string>& files, const Progress& progress) const;

    World world_;
    std::vector<Node> nodes_;
};

}  // namespace duet::lab
