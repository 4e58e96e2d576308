// SPDX-License-Identifier: GPL-2.0-or-later
// A full pass: every tree, and the receiver told when nothing was left out.
#pragma once

#include <set>
#include <string>

#include "instance.hpp"

namespace duet::rsync_push {

class Passes {
  public:
    explicit Passes(const Instance& instance);
    // Every hook is to run after the next pass: a pusher that begins cannot know what its
    // predecessor did not deliver.
    void assume_changed();
    // One tree after the other, so that a pass never takes more than one rsync of a busy server.
    Verdict run(const Deadline& deadline);
    // All trees at once, for while this runs the cluster begins nothing new; the receiver is told
    // only if a hook is to run.
    Verdict run_last(const Deadline& deadline);

  private:
    struct Pushed {
        TreeResult result;
        bool changed;
    };
    template <typename PushTrees>
    Verdict run_with(const Deadline& deadline, bool tell_always, PushTrees push_trees);

    const Instance& instance_;
    const std::string life_file_, record_file_;
    long number_ = 0;
    // Modules of trees whose hook is to run, until the receiver knows it.
    std::set<std::string> changed_;
};

// The mark of when this server's last complete pass began; it is there from promote until what only
// this server has was copied aside.
std::string mark_file(const Instance& instance);

}  // namespace duet::rsync_push
