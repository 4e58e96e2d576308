// SPDX-License-Identifier: GPL-2.0-or-later
// Servers as the mysql agent's policy sees them.
#pragma once

#include <string>

#include "policy.hpp"

namespace duet::mysql {

inline Grant granted(int epoch, const std::string& life) {
    Grant grant;
    grant.epoch = epoch;
    grant.life = life;
    grant.sequence = "s1";
    return grant;
}

inline Grant revoked(const std::string& sequence) {
    Grant grant;
    grant.revoked = true;
    grant.sequence = sequence;
    return grant;
}

// A standby that follows the active of epoch 3, lives the life L and holds its grant.
inline Standing good_standby() {
    Standing standing;
    standing.own = 2;
    standing.peer_seen = 3;
    standing.claim = Claim{3, true};
    standing.has_data = standing.peer_member = true;
    standing.grant = granted(3, "L");
    standing.life = "L";
    return standing;
}

inline Standing last_server() {
    Standing standing = good_standby();
    standing.own = 4;
    standing.grant.reset();
    return standing;
}

inline Standing empty_server() {
    Standing standing;
    standing.claim = Claim{};
    standing.life = "L";
    standing.peer_member = true;
    return standing;
}

template <typename Value, typename Change>
Value but(Value value, Change change) {
    change(value);
    return value;
}

}  // namespace duet::mysql
