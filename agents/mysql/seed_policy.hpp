// SPDX-License-Identifier: GPL-2.0-or-later
// When a standby is seeded anew from the active. Values in, a value out.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace duet::mysql {

struct SeedView {
    bool automatic = false;    // reseed=auto
    bool asked = false;        // a person has asked for it
    bool contested = false;    // a promotion was forced: who has what must be seen by a person
    bool superseded = false;   // the other server has the higher epoch
    bool lost = false;         // diverged or too old: it cannot follow
    bool peer_serves = false;  // the other server is a member and promoted
    bool running = false;      // a seeding is under way, on either side
    int failures = 0;          // of attempts in a row
    std::optional<std::chrono::milliseconds> since_failure;
};
enum class SeedStep {
    none,
    begin,
    refuse,  // asked for, and never to be done
};
SeedStep toward_seed(const SeedView& view);
std::string why_not_seeded(const SeedView& view);
// The pause after so many failures in a row.
std::chrono::milliseconds pause_before_retry(int failures);

// What the seed attribute of a standby says: "want:WORD:PORT" while it waits for the active to
// connect there.
struct SeedRequest {
    std::string word;
    int port = 0;
    bool operator==(const SeedRequest&) const = default;
};
std::string to_text(const SeedRequest& request);
std::optional<SeedRequest> parse_seed_request(const std::string& text);

}  // namespace duet::mysql
