// SPDX-License-Identifier: GPL-2.0-or-later
// The end of an action's time, on the monotonic clock.
#pragma once

#include <chrono>
#include <string_view>

namespace duet {

using Milliseconds = std::chrono::milliseconds;
using MonotonicTime = std::chrono::steady_clock::time_point;

class Deadline {
  public:
    explicit Deadline(MonotonicTime end) : end_(end) {}
    static Deadline after(Milliseconds span) {
        return Deadline(std::chrono::steady_clock::now() + span);
    }

    MonotonicTime end() const { return end_; }
    // Never negative.
    Milliseconds remaining() const;
    bool expired() const { return remaining() == Milliseconds::zero(); }
    // The earlier of this end and now + span.
    Deadline at_most(Milliseconds span) const;
    // A share of what remains, for one step of several (0 < percent <= 100).
    Deadline share(int percent) const { return at_most(remaining() * percent / 100); }

    // Sleeps for `span`, or to the end and then throws Failure(generic,
    // "gave up waiting for WHAT after N s"), N being the time since the process began to wait.
    void pause(Milliseconds span, std::string_view what) const;

  private:
    MonotonicTime end_;
    MonotonicTime begin_ = std::chrono::steady_clock::now();
};

}  // namespace duet
