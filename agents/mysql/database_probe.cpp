// SPDX-License-Identifier: GPL-2.0-or-later
// What the monitor asks of a server to see whether it is well.
#include <algorithm>
#include <array>

#include "database.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

// ER_BAD_DB_ERROR, ER_NO_SUCH_TABLE
bool is_absent(const SqlError& error) { return error.code() == 1049 || error.code() == 1146; }

// The server's word that it, or the engine, cannot write: EE_WRITE, ER_DISK_FULL, ER_ERROR_ON_WRITE,
// ER_GET_ERRNO, ER_OPEN_AS_READONLY, ER_RECORD_FILE_FULL, ER_SERVER_SHUTDOWN. Everything else says
// that this account must not, or that a lock is in the way.
bool is_fatal(const SqlError& error) {
    constexpr std::array<unsigned, 7> codes{3, 1021, 1026, 1030, 1036, 1114, 1053};
    return error.is_connection() ||
           std::find(codes.begin(), codes.end(), error.code()) != codes.end();
}

}  // namespace

std::optional<SqlError> Database::probe_write() {
    // Past the binary log: neither semi-synchronous replication nor the other server has anything to
    // do with it. Locks are waited for as shortly as the server can. The row changes from one probe to the next, so that one
    // which is stuck in the engine is not taken for somebody's lock.
    const auto write = [this] {
        session_.execute("REPLACE INTO duet.probe VALUES (CONNECTION_ID() MOD 16, NOW(3))");
    };
    try {
        session_.execute("SET SESSION sql_log_bin = 0, lock_wait_timeout = 0,"
                         " innodb_lock_wait_timeout = 0");
        try {
            write();
        } catch (const SqlError& error) {
            if (!is_absent(error)) throw;
            session_.execute("CREATE DATABASE IF NOT EXISTS duet");
            session_.execute("CREATE TABLE IF NOT EXISTS duet.probe (slot INT PRIMARY KEY,"
                             " written TIMESTAMP(3) NOT NULL) ENGINE = InnoDB");
            write();
        }
    } catch (const SqlError& error) {
        if (is_fatal(error)) throw;
        return error;
    }
    return std::nullopt;
}

void Database::flush_log() { session_.execute("FLUSH LOCAL ENGINE LOGS"); }

bool Database::is_open() { return session_.value("SELECT @@read_only") == "0"; }

Places Database::places() {
    Places places;
    const auto rows = session_.rows(words_->places);
    const auto& row = rows.at(0);
    places.extra_port = int(parse_integer(row["extra"]).value_or(0));
    places.temporary = row["temporary"];
    places.files = {row["binlog"], row["relay"], row["redo"] + '/'};
    return places;
}

}  // namespace duet::mysql
