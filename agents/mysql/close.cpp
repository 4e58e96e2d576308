// SPDX-License-Identifier: GPL-2.0-or-later
// Closing an open server without acknowledging anything that might be lost.
#include "actions.hpp"
#include "log.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr std::chrono::seconds lock_wait{1};

// True when the server is closed and no commit waits any more.
bool drain(Instance& instance, Database& database, const Deadline& end) {
    bool clients_ended = false;
    for (;;) {
        // At first without force: what runs now may finish, and nothing new begins after it.
        const bool closed = database.try_close(lock_wait);
        if (!closed || !clients_ended) {
            // Open, it has commits that wait: those end by the standby's word alone.
            const int count = database.end_clients(closed);
            if (count) log::info("ended ", count, " client connection", count == 1 ? "" : "s");
            clients_ended = closed;
        }
        if (closed && database.look().waiting_commits == 0) return true;
        if (end.expired()) return false;
        instance.call.deadline.pause(Milliseconds(20), "writers to end");
    }
}

}  // namespace

std::optional<std::string> close_server(Instance& instance, const Process& process) {
    const auto end = instance.call.deadline.at_most(instance.config.drain_time);
    try {
        auto database = instance.connect();
        if (drain(instance, database, end)) {
            database.set_waiting(false);
            if (instance.config.events) database.set_events(false);
            return database.look().binlog_position;
        }
        log::error("writers did not end within ", format_duration(instance.config.drain_time),
                   ", or their commits wait for a standby that does not answer");
    } catch (const SqlError& error) {
        log::error("the open server does not answer: ", error.what());
    }
    // Neither a clean shutdown nor letting go of the waiting commits: both would answer OK to them.
    end_hard(process, instance.call.deadline);
    return std::nullopt;
}

}  // namespace duet::mysql
