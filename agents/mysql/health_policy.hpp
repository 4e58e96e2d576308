// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a database server that runs is well, judged from its answers to the monitor's probes and
// from the room on its file systems. Values in, a value out.
//
// What MariaDB 10.11 does, tried out and pinned by tests/kernel/mysql_health_test.cpp:
// - Commits that wait for a standby (AFTER_SYNC) stop nobody who writes past the binary log.
// - FLUSH TABLES WITH READ LOCK and LOCK TABLES refuse a write with 1205; flushing the log works.
// - On a full file system every commit waits until there is room, without an end and without an
//   error, and closing for writes waits behind it. What goes past the binary log still works, for
//   the redo log has its room since it was made. So a probe cannot see it, and statvfs does.
// - With all connections taken, one more is kept for an account with CONNECTION ADMIN, over the unix
//   socket too; but a client that is about to be refused has it for a moment. The connections of
//   extra_port are counted apart.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace duet::mysql {

using Milliseconds = std::chrono::milliseconds;

enum class Sign {
    answered,  // on the active: a write of the agent's own was committed
    held,      // somebody's lock refuses writes; the log could be flushed
    crowded,   // all connections are taken
    silent,    // no connection, or no answer in time
    failed,    // an error
};
// Of what a statement, or the attempt to connect, ended with: the server's error number, or the
// client library's.
Sign sign_of(unsigned code);

struct FullPlace {
    std::string path;
    std::uint64_t free = 0, size = 0;  // bytes, for others than root
};
// Too little for the next block of a log. `size` 0: without a limit.
bool is_full(std::uint64_t free, std::uint64_t size);
std::string to_text(const FullPlace& place);

struct HealthView {
    bool promoted = false;
    bool standby_ready = false;    // there is a standby that may take over
    Sign sign = Sign::answered;    // the last probe's
    std::string error;             // what it was answered
    int bad_probes = 0;            // one after the other, in this action
    Milliseconds since_good{0};    // the last probe that succeeded
    Milliseconds patience{2'500};  // parameter hang_time
    std::optional<FullPlace> full;
    Milliseconds full_for{0};
};
enum class Health {
    well,
    ask_again,
    degraded,  // to be shown, and nothing to be gained by moving or restarting
    failed,
};
Health health_of(const HealthView& view);
// Empty when well.
std::string why_not_well(const HealthView& view);

}  // namespace duet::mysql
