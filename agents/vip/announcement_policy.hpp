// SPDX-License-Identifier: GPL-2.0-or-later
// When a holder of addresses speaks, and when it is silent. Values in, values out: time is an
// argument (milliseconds of any clock that also runs while the process is frozen).
//
// A rival is another host that says it has one of our addresses. It is answered, so that neighbours
// hear us last, and asked again until it is silent. But a holder that was frozen (a stopped virtual
// machine, a frozen control group) may have been replaced in the meantime: it listens first, and
// when somebody else answers it keeps silent, for then the other was put there later.
#pragma once

#include <chrono>
#include <map>
#include <vector>

#include "address.hpp"

namespace duet::vip {

using Milliseconds = std::chrono::milliseconds;

// What is to be sent now.
struct Turn {
    std::vector<Address> announce;
    std::vector<Address> probe;
    bool empty() const { return announce.empty() && probe.empty(); }
};

class AnnouncementPolicy {
  public:
    // The first announcement and the first probe are due at `now`. `refresh` 0: no announcements
    // after the first ones.
    AnnouncementPolicy(const std::vector<Address>& addresses, Milliseconds refresh,
                       Milliseconds now);

    // To be told first after each wait.
    void woke(Milliseconds now);
    // Somebody else claimed one of our addresses (others are ignored).
    void heard(const Address& address, const Mac& mac, Milliseconds now);
    // A link has come back: whoever is on it may have forgotten us.
    void announce_again(Milliseconds now);

    Turn turn(Milliseconds now);
    // When to call turn() again at the latest.
    Milliseconds wake_at() const { return wake_at_; }

    std::map<Address, Mac> rivals() const;

  private:
    struct State {
        bool contested = false;
        bool yields = false;  // contested, and the other was there last
        Mac rival{};
        Milliseconds last_heard{0};
        Milliseconds next_call{0};  // of a contested address: probe, and announce unless it yields
        bool answer = false;        // announce at once
        int answers_left = 0;
        Milliseconds refilled{0};
    };

    void begin_rounds(Milliseconds now);
    bool round_is_due(Milliseconds now);
    void settle(State& state, Milliseconds now);
    void act(const Address& address, State& state, bool round, bool probing, Milliseconds now,
             Turn& turn);
    void plan_wake(Milliseconds now);

    std::map<Address, State> states_;
    Milliseconds refresh_;
    std::size_t round_ = 0;
    Milliseconds rounds_began_{0}, next_round_{0}, next_probe_{0}, wake_at_{0};
    bool listening_ = false;  // after a freeze
    Milliseconds listen_until_{0};
};

}  // namespace duet::vip
