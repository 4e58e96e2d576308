// SPDX-License-Identifier: GPL-2.0-or-later
// A full pass: every tree, one after the other, and the receiver told when nothing was left out.
#pragma once

#include <set>
#include <string>

#include "instance.hpp"

namespace duet::rsync_push {

class Passes {
  public:
    explicit Passes(const Instance& instance);
    Verdict run(const Deadline& deadline);

  private:
    const Instance& instance_;
    const std::string life_file_, record_file_;
    long number_ = 0;
    // Modules of trees whose hook is to run, until the receiver knows it. A pusher that begins
    // cannot know what its predecessor did not deliver.
    std::set<std::string> changed_;
};

// The mark of when this server's last complete pass began; it is there from promote until what only
// this server has was copied aside.
std::string mark_file(const Instance& instance);

}  // namespace duet::rsync_push
