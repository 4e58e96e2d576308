// SPDX-License-Identifier: GPL-2.0-or-later
#include "announcement_policy.hpp"

#include <algorithm>
#include <array>

namespace duet::vip {

namespace {

// The gaps grow beyond a second because Linux ignores a change within a second of the last one
// (locktime), and up to five because a switch port may take that long to forward.
constexpr std::array<Milliseconds, 6> schedule{Milliseconds(0),    Milliseconds(100),
                                               Milliseconds(300),  Milliseconds(1100),
                                               Milliseconds(2200), Milliseconds(5000)};
// Often enough to name a quiet second owner within a monitor interval.
constexpr Milliseconds probe_interval{5000};
constexpr Milliseconds contested_interval{1000};
// Two unanswered probes and a bit.
constexpr Milliseconds silence{2500};
constexpr Milliseconds listening_time{300};
// How late a wake-up is when the process was frozen and not merely busy.
constexpr Milliseconds frozen{1000};
constexpr Milliseconds longest_sleep{1000};
constexpr Milliseconds never = Milliseconds::max();
// At once, this often; then one a second. Two holders that both insist must not flood the link.
constexpr int most_answers = 5;

}  // namespace

AnnouncementPolicy::AnnouncementPolicy(const std::vector<Address>& addresses, Milliseconds refresh,
                                       Milliseconds now)
    : refresh_(refresh), next_probe_(now), wake_at_(now) {
    for (const auto& address : addresses) {
        auto& state = states_[address];
        state.answers_left = most_answers;
        state.refilled = now;
    }
    begin_rounds(now);
}

void AnnouncementPolicy::begin_rounds(Milliseconds now) {
    round_ = 0;
    rounds_began_ = now;
    next_round_ = now;
}

void AnnouncementPolicy::woke(Milliseconds now) {
    if (now <= wake_at_ + frozen) return;
    listening_ = true;
    listen_until_ = now + listening_time;
    next_probe_ = now;
    wake_at_ = now;
}

void AnnouncementPolicy::heard(const Address& address, const Mac& mac, Milliseconds now) {
    const auto found = states_.find(address);
    if (found == states_.end()) return;
    auto& state = found->second;
    if (!state.contested) state.next_call = now + contested_interval;
    state.contested = true;
    state.rival = mac;
    state.last_heard = now;
    if (listening_) {
        state.yields = true;
    } else if (!state.yields) {
        state.answer = true;
    }
}

void AnnouncementPolicy::announce_again(Milliseconds now) { begin_rounds(now); }

Turn AnnouncementPolicy::turn(Milliseconds now) {
    if (listening_ && now >= listen_until_) {
        listening_ = false;
        begin_rounds(now);
    }
    const bool round = round_is_due(now);
    const bool probing = now >= next_probe_;
    if (probing) next_probe_ = now + probe_interval;
    Turn turn;
    for (auto& [address, state] : states_) act(address, state, round, probing, now, turn);
    plan_wake(now);
    return turn;
}

bool AnnouncementPolicy::round_is_due(Milliseconds now) {
    if (listening_ || now < next_round_) return false;
    ++round_;
    if (round_ < schedule.size()) {
        next_round_ = rounds_began_ + schedule[round_];
    } else {
        next_round_ = refresh_ > Milliseconds(0) ? now + refresh_ : never;
    }
    return true;
}

// What time alone changes.
void AnnouncementPolicy::settle(State& state, Milliseconds now) {
    if (const auto seconds = (now - state.refilled) / contested_interval; seconds > 0) {
        state.answers_left = int(std::min<std::int64_t>(most_answers, state.answers_left + seconds));
        state.refilled += seconds * contested_interval;
    }
    if (!state.contested || now - state.last_heard <= silence) return;
    // The rival is gone; if we had given way to it, nobody has told the neighbours of us since.
    state.answer = state.yields;
    state.contested = state.yields = false;
}

void AnnouncementPolicy::act(const Address& address, State& state, bool round, bool probing,
                             Milliseconds now, Turn& turn) {
    settle(state, now);
    const bool call = state.contested && now >= state.next_call;
    if (call) state.next_call = now + contested_interval;
    if (probing || call) turn.probe.push_back(address);
    if (listening_ || state.yields) return;
    const bool answers = state.answer && state.answers_left > 0;
    if (answers) --state.answers_left;
    if (round || call || answers) {
        turn.announce.push_back(address);
        state.answer = false;
    }
}

void AnnouncementPolicy::plan_wake(Milliseconds now) {
    wake_at_ = std::min(now + longest_sleep, next_probe_);
    if (listening_) {
        wake_at_ = std::min(wake_at_, listen_until_);
    } else {
        wake_at_ = std::min(wake_at_, next_round_);
    }
    for (const auto& [address, state] : states_)
        if (state.contested)
            wake_at_ = std::min({wake_at_, state.next_call, state.last_heard + silence});
    wake_at_ = std::max(wake_at_, now + Milliseconds(1));
}

std::map<Address, Mac> AnnouncementPolicy::rivals() const {
    std::map<Address, Mac> found;
    for (const auto& [address, state] : states_)
        if (state.contested) found.emplace(address, state.rival);
    return found;
}

}  // namespace duet::vip
