// SPDX-License-Identifier: GPL-2.0-or-later
#include "health_policy.hpp"

namespace duet::mysql {

namespace {

// MariaDB's error codes.
constexpr unsigned too_many_connections = 1040;  // ER_CON_COUNT_ERROR
constexpr unsigned too_many_of_a_user = 1203;    // ER_TOO_MANY_USER_CONNECTIONS
constexpr unsigned lock_wait_timeout = 1205;     // ER_LOCK_WAIT_TIMEOUT
constexpr unsigned shutting_down = 1053;         // ER_SERVER_SHUTDOWN

constexpr std::uint64_t least_room = 64 * 1024;
constexpr int least_probes = 2;  // one that was slow decides nothing
constexpr Milliseconds filling{900};  // room that comes back at once was a temporary file's

bool is_bad(Sign sign) { return sign == Sign::silent || sign == Sign::failed; }

bool stays_full(const HealthView& view) { return view.full && view.full_for >= filling; }

std::string seconds(Milliseconds span) {
    const auto tenths = (span.count() + 50) / 100;
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " s";
}

}  // namespace

Sign sign_of(unsigned code) {
    switch (code) {
        case 0: return Sign::answered;
        case too_many_connections:
        case too_many_of_a_user: return Sign::crowded;
        case lock_wait_timeout: return Sign::held;
        case shutting_down: return Sign::silent;
        default: return code >= 2000 && code < 3000 ? Sign::silent : Sign::failed;
    }
}

bool is_full(std::uint64_t free, std::uint64_t size) { return size > 0 && free < least_room; }

std::string to_text(const FullPlace& place) {
    return "the file system of '" + place.path + "' is full (" + std::to_string(place.free) +
           " bytes of " + std::to_string(place.size) + " free)";
}

Health health_of(const HealthView& view) {
    if (is_bad(view.sign)) {
        const bool decided = view.since_good >= view.patience && view.bad_probes >= least_probes;
        return decided ? Health::failed : Health::ask_again;
    }
    if (!stays_full(view)) return Health::well;
    // Commits go on by themselves as soon as there is room. A standby that cannot receive must end,
    // for the active's commits wait for it; an active is moved when somebody can take its place.
    return view.promoted && !view.standby_ready ? Health::degraded : Health::failed;
}

std::string why_not_well(const HealthView& view) {
    const bool full = view.full && (stays_full(view) || is_bad(view.sign));
    std::string why = full ? to_text(*view.full) : std::string();
    if (!is_bad(view.sign)) return why;
    if (full) why += ", and mysqld ";
    else why += "mysqld runs, but ";
    if (view.sign == Sign::silent) why += "has not answered for " + seconds(view.since_good) + ": ";
    else why += "has failed for " + seconds(view.since_good) + ": ";
    return why + view.error;
}

}  // namespace duet::mysql
