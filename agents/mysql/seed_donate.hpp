// SPDX-License-Identifier: GPL-2.0-or-later
// The active's side of a seeding: a backup of the running server, streamed to the standby that asked.
#pragma once

#include "instance.hpp"
#include "seed_policy.hpp"

namespace duet::mysql {

// Takes as long as it takes. Throws Failure with a sentence; the standby is told it, too, where it
// can be.
void donate_seed(const Instance& instance, const SeedRequest& request);

// The first line of the stream.
struct SeedOffer {
    std::string word;      // of the request
    int epoch = 0;         // of the active server
    long long bytes = 0;   // about how much the data are
    std::string state;     // gtid_binlog_state before the backup began; of MySQL offers_tls, or nothing
};
constexpr const char* offers_tls = "tls";
std::string to_text(const SeedOffer& offer);
std::optional<SeedOffer> parse_seed_offer(const std::string& line);

}  // namespace duet::mysql
