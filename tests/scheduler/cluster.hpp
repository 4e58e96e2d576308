// SPDX-License-Identifier: GPL-2.0-or-later
// A cluster of two nodes, a and b, that exists only in a CIB: crm_simulate decides and acts as
// Pacemaker would, and what agents, networks and power supplies do is put into the CIB by hand.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "xml.hpp"

namespace duet::test {

// What one transition did, in the words of the case files: "db promote@b", "fence a"; and
// "db post-notify-stop@a" among what waits.
struct Transition {
    std::vector<std::string> actions;  // in the order of execution, no monitors, no notifications
    bool completed = true;             // false: the graph has a loop, or an action failed

    // Whether `later` is executed only after `earlier`. Throws std::runtime_error where one of
    // them is no part of the transition.
    bool waits(const std::string& later, const std::string& earlier) const;

    std::map<std::string, std::set<int>> synapses;  // of each action
    std::map<int, std::set<int>> inputs;            // of each synapse: those it waits for
};

enum class RunningAs { started, unpromoted, promoted };

class Cluster {
  public:
    // Both nodes online, nothing started, nothing said.
    explicit Cluster(Element cib);

    // The pair in its ordinary life, `active` being a or b.
    void start_healthy(const std::string& active);

    // Node attributes of reboot lifetime; an empty value removes one.
    void set_attribute(const std::string& node, const std::string& name, const std::string& value);
    void set_standby(const std::string& node, const std::string& value);

    // The power is cut: known at the next transition.
    void lose(const std::string& node);
    // A lost node is back, with nothing running on it and nothing said.
    void join(const std::string& node);

    // The next monitor says "not running".
    void fail(const std::string& resource, const std::string& node);
    // The action fails in the next transition.
    void refuse(const std::string& resource, const std::string& action, const std::string& node);
    // As after a failed start, or as after its failure-timeout.
    void ban(const std::string& resource, const std::string& node);
    void forgive(const std::string& resource, const std::string& node);

    Transition run();

    using Places = std::map<std::string, std::map<std::string, RunningAs>>;
    // Of each resource but the fence devices: the nodes it runs on.
    Places places() const;
    std::set<std::string> online() const;
    // Of each clone.
    std::set<std::string> cloned() const;

  private:
    Element& node_state(const std::string& node);
    Element& attributes_of(const std::string& node);
    std::string fastest_monitor(const std::string& resource, const std::string& node);
    void count_failures();

    Element cib_;
    std::vector<std::string> injected_;  // options of the next crm_simulate
    std::vector<std::pair<std::string, std::string>> failed_starts_;  // resource and node
    Element status_;
};

}  // namespace duet::test
