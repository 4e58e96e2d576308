// SPDX-License-Identifier: GPL-2.0-or-later
// CLONE of MySQL (MySQL Reference Manual, "The Clone Plugin"), beside the server's own data.
#include "database.hpp"
#include "failure.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr unsigned no_such_table = 1146;     // ER_NO_SUCH_TABLE
constexpr unsigned unknown_variable = 1193;  // ER_UNKNOWN_SYSTEM_VARIABLE

// The id of its session.
std::optional<std::string> clone_under_way(SqlSession& session) {
    try {
        return session.value("SELECT pid FROM performance_schema.clone_status"
                             " WHERE state = 'In Progress'");
    } catch (const SqlError& error) {
        if (error.code() != no_such_table) throw;
        return std::nullopt;  // without the plugin
    }
}

}  // namespace

bool Database::serves_tls() {
    return session_.value("SELECT value FROM performance_schema.tls_channel_status"
                          " WHERE channel = 'mysql_main' AND property = 'Enabled'") == "Yes";
}

void Database::clone(const Peer& source, bool tls, int rate, const std::string& folder) {
    try {
        session_.execute(cat("SET GLOBAL clone_valid_donor_list = ",
                             session_.quoted(cat(source.address, ':', source.port))));
    } catch (const SqlError& error) {
        if (error.code() != unknown_variable) throw;
        throw Failure(Exit::installed, "the server has no plugin mysql_clone.so");
    }
    // It sleeps at most a second for each block, so that a block must not be more than the rate.
    session_.execute(cat("SET GLOBAL clone_max_data_bandwidth = ", rate,
                         ", clone_buffer_size = 1048576, clone_max_concurrency = 1"
                         ", clone_autotune_concurrency = OFF"));
    const auto statement = [&](const std::string& password) {
        return cat("CLONE INSTANCE FROM ", session_.quoted(credentials_.replication_user), "@",
                   session_.quoted(source.address), ":", source.port, " IDENTIFIED BY ", password,
                   " DATA DIRECTORY = ", session_.quoted(folder), tls ? " REQUIRE SSL" : "");
    };
    session_.execute(statement(session_.quoted(credentials_.replication_password)),
                     statement("'***'"));
}

std::optional<std::string> Database::clone_progress() {
    if (!clone_under_way(session_)) return std::nullopt;
    return session_.value("SELECT CONCAT(COUNT(begin_time), ' ', COALESCE(SUM(data), 0))"
                          " FROM performance_schema.clone_progress");
}

void Database::end_clone(const Deadline& end) {
    while (const auto id = clone_under_way(session_)) {
        end_thread(*id);
        end.pause(Milliseconds(100), "the end of a clone");
    }
}

}  // namespace duet::mysql
