// SPDX-License-Identifier: GPL-2.0-or-later
// This resource instance on this node: which of the two servers it is, and where it keeps things.
#pragma once

#include <string>
#include <vector>

#include "call.hpp"
#include "config.hpp"
#include "peers.hpp"
#include "policy.hpp"
#include "tree.hpp"

namespace duet::rsync_push {

// The folders of all instances, in which no tree may be.
std::vector<std::string> own_folders();

class Instance {
  public:
    // Throws Failure(args) when this server is none of `peers`.
    Instance(const Config& config, const Call& call);

    const Config& config;
    const Call& call;
    const std::string directory;  // run directory
    const std::string lasting;    // what must outlive a boot, 0700
    const std::vector<Tree> trees;
    const Peer& self() const { return self_; }
    const Peer& peer() const { return peer_; }

    // The full path of rsync. Throws Failure(installed).
    std::string rsync() const;

    // The highest number of a promotion that this server knows.
    long epoch() const;
    void write_epoch(long epoch) const;
    // Of a promotion that begins now.
    long new_epoch() const { return next_epoch(epoch(), index_, 2); }

  private:
    Peer self_, peer_;
    int index_ = 0;
};

// The attribute INSTANCE-state. `call` may be one whose deadline has passed long ago.
void show_state(const Call& call, const std::string& state);
std::string shown_state(const Call& call);
void withdraw_state(const Call& call);

}  // namespace duet::rsync_push
