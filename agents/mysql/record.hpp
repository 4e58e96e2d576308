// SPDX-License-Identifier: GPL-2.0-or-later
// The epoch file, DATADIR/duet.state: the truth about who was promoted when. It lies beside the
// data and goes with them: wiped, restored or seeded data have none, so such a server is never last.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "policy.hpp"

namespace duet::mysql {

struct Record {
    std::string node;                      // who wrote it
    Epoch own;                               // of this server's last promotion
    std::map<std::string, Epoch> peer_seen;  // the highest epoch ever seen of each other server
    // Seconds since 1970 of promotions beside a living peer: a server that flaps is not failed back
    // to for ever, and its reboots must not make it forget. The last hour's are kept.
    std::vector<long> takeovers;
};

// An absent file, or one written by another node (a copied data directory), is own = 0; outside a
// cluster, where `node` is empty, it is believed as it stands. Throws Failure(generic) for one that
// is there and not readable as such: guessing could lose data.
Record read_record(const std::string& datadir, const std::string& node);
// True when this server was promoted in a cluster.
bool has_had_peer(const Record& record);
// Synced to the disk before it returns. Throws std::system_error.
void write_record(const std::string& datadir, const Record& record);

}  // namespace duet::mysql
