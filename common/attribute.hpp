// SPDX-License-Identifier: GPL-2.0-or-later
// Node attributes: how agents speak to Pacemaker, to the administrator and to each other.
// attrd_updater(8) costs 5 ms of CPU and a changed value that the CIB holds aborts a running
// transition, so a value is written only when it changed. What was written last is kept in the
// instance's run directory and believed for a minute, for the same pacemaker-attrd process.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "call.hpp"
#include "clock.hpp"

namespace duet {

class Attributes {
  public:
    // Outside a cluster everything is accepted and nothing written.
    explicit Attributes(const Call& call);

    // Transient attributes of this node; true when attrd has the value. A failure is logged.
    bool set(const std::string& name, const std::string& value);
    // Held by pacemaker-attrd alone: not in the CIB, aborts nothing, not shown by crm_mon.
    bool set_private(const std::string& name, const std::string& value);
    bool remove(const std::string& name);

    // The promotion score of this instance on this node (-1000000 and below is -INFINITY).
    bool set_promotion_score(int score);
    bool remove_promotion_score();

    // Of any node, past the cache.
    bool set_for(const std::string& node, const std::string& name, const std::string& value);
    // As this node's pacemaker-attrd knows it; nothing when it is unset or nobody answers.
    std::optional<std::string> get(const std::string& node, const std::string& name);

    // Which pacemaker-attrd has the values: changes when the cluster on this node is restarted.
    const std::string& daemon() const { return daemon_; }
    // What this node wrote last, without asking anybody.
    std::optional<std::string> last_written(const std::string& name) const;

  private:
    struct Written {
        std::string value;
        long when;  // seconds, monotonic
    };
    bool update(const std::string& name, const std::string& value, bool is_private);
    bool run_updater(std::vector<std::string> arguments);
    void load();
    void save() const;

    bool clustered_;
    std::string node_, instance_, file_;
    Deadline deadline_;
    std::string daemon_;  // "PID START_TIME" of pacemaker-attrd
    std::map<std::string, Written> written_;
};

}  // namespace duet
