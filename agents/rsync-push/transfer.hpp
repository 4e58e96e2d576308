// SPDX-License-Identifier: GPL-2.0-or-later
// One run of the rsync client towards the other server.
#pragma once

#include <string>
#include <vector>

#include "instance.hpp"

namespace duet::rsync_push {

struct Transfer {
    Outcome outcome = Outcome::broken;
    std::string words;  // rsync's own, when it is not done
    long entries = 0;   // of the source
    long created = 0, deleted = 0, transferred = 0;
    long spared = 0;  // would have been deleted, but for the limit
    bool changed() const { return created + deleted + transferred > 0; }
};

// "Number of deleted files: 3" and the like, from rsync's two outputs.
void read_statistics(const std::string& out, const std::string& err, Transfer& transfer);

class Client {
  public:
    explicit Client(const Instance& instance);

    // The whole tree; at most `deletions` entries of the receiver are deleted.
    Transfer push(const Tree& tree, long deletions, const Deadline& deadline) const;
    Transfer fetch(const std::string& module, const std::string& file, const std::string& to,
                   const Deadline& deadline) const;
    Transfer send(const std::string& file, const std::string& module,
                  const Deadline& deadline) const;

  private:
    Transfer run_with(std::vector<std::string> arguments, const Deadline& deadline) const;
    std::string url(const std::string& module) const;

    const Instance& instance_;
    std::string program_;
};

}  // namespace duet::rsync_push
