// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a server that keeps its tail may follow another one: compared over the network, with the
// account of replication.
#pragma once

#include <string>

#include "database.hpp"
#include "gtid.hpp"

namespace duet::mysql {

enum class Verdict {
    clean,    // all it has, the other one has
    errant,   // it has transactions of its own
    unknown,  // the other one did not answer within seconds
};
struct Comparison {
    Verdict verdict = Verdict::clean;
    GtidSet errant;
    std::string error;  // why it is unknown
};
// `own`: the set of everything that this server has executed. Throws nothing.
Comparison compare_with(const Peer& source, const Credentials& credentials, const std::string& own);

}  // namespace duet::mysql
