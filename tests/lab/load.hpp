// SPDX-License-Identifier: GPL-2.0-or-later
// Visitors and writers of the site, and an eye on each server, until stopped.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>

#include "history.hpp"
#include "pair.hpp"

namespace duet::lab {

struct LoadOptions {
    int writers = 4;               // connections through the internal virtual address
    Milliseconds pause{8};         // of a writer after each answer
    Milliseconds patience{500};    // for a statement
    Milliseconds connect{50};      // to connect; longer would hide how short a gap is
    Milliseconds page_pause{50};   // index.php through the external virtual address
    Milliseconds look_pause{5};    // at @@read_only of each server, on the server itself
};

class Load {
  public:
    // Makes the table first. Throws Failure when the site does not take writes.
    Load(const Pair& pair, const LoadOptions& options = {});
    ~Load();

    // Ends all of it; what was seen. To be called once.
    History stop();
    // Acknowledged writes so far.
    long acknowledged() const { return acknowledged_; }

  private:
    void write(int writer);
    void visit();
    void watch(const std::string& node);
    template <typename Body>
    void run(Body body);

    const Pair& pair_;
    LoadOptions options_;
    std::atomic<bool> stopping_{false};
    std::atomic<long> acknowledged_{0};
    std::mutex mutex_;  // of history_
    History history_;
    std::vector<std::thread> threads_;
};

// The rows that a server has, asked on the server itself; throws Failure.
std::set<Row> rows_on(const Node& node);
// A digest of the site's data and of the position up to which the server has everything.
std::string digest_of(const Node& node);

}  // namespace duet::lab
