// SPDX-License-Identifier: GPL-2.0-or-later
#include "comparison.hpp"

namespace duet::mysql {

namespace {

constexpr std::chrono::seconds patience{2};

}  // namespace

Comparison compare_with(const Peer& source, const Credentials& credentials,
                        const std::string& own) try {
    SqlTarget target;
    target.host = source.address;
    target.port = source.port;
    target.user = credentials.replication_user;
    target.password = credentials.replication_password;
    target.timeout = patience;
    const auto rows = SqlSession(target).rows(
        "SELECT @@GLOBAL.gtid_executed AS executed, @@GLOBAL.server_uuid AS uuid");
    const auto found = errant(own, rows.at(0)["executed"], rows.at(0)["uuid"]);
    if (!found) return {Verdict::unknown, {}, "one of the two GTID sets cannot be read"};
    return {found->empty() ? Verdict::clean : Verdict::errant, *found, ""};
} catch (const SqlError& error) {
    return {Verdict::unknown, {}, error.what()};
}

}  // namespace duet::mysql
