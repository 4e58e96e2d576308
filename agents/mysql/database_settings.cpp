// SPDX-License-Identifier: GPL-2.0-or-later
// What check level 10 asks of a server.
#include <algorithm>

#include "database.hpp"
#include "gtid.hpp"
#include "settings_policy.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr unsigned denied = 1142;  // ER_TABLEACCESS_DENIED_ERROR

std::uint64_t unsigned_number(const std::string& text) {
    try {
        return std::stoull(text);
    } catch (const std::exception&) {
        return 0;
    }
}

void add_domains(const std::string& position, std::set<std::uint32_t>& domains) {
    if (const auto parsed = parse_gtid_position(position))
        for (const auto& [domain, last] : *parsed) domains.insert(domain);
}

}  // namespace

void Database::read_accounts(Settings& settings) {
    std::vector<Account> accounts;
    std::vector<RoleHolder> holders;
    try {
        for (const auto& row : session_.rows(
                 "SELECT user, host, JSON_VALUE(priv, '$.access') AS access,"
                 " JSON_VALUE(priv, '$.version_id') AS version,"
                 " JSON_VALUE(priv, '$.is_role') AS role FROM mysql.global_priv"))
            accounts.push_back({row["user"], row["host"], unsigned_number(row["access"]),
                                int(parse_integer(row["version"]).value_or(0)),
                                row["role"] == "1" || row["role"] == "true"});
        for (const auto& row : session_.rows("SELECT user, host, role FROM mysql.roles_mapping"))
            holders.push_back({row["user"], row["host"], row["role"]});
    } catch (const SqlError& error) {
        if (error.code() != denied) throw;
        return;
    }
    settings.accounts_known = true;
    settings.past_read_only = accounts_past_read_only(accounts, holders, credentials_.user);
}

Settings Database::settings() {
    Settings settings;
    settings.is_mysql = !words_->read_only_has_holes;
    for (const auto& row :
         session_.rows(cat("SHOW GLOBAL VARIABLES WHERE Variable_name IN ", words_->settings)))
        settings.variables[row["Variable_name"]] = row["Value"];
    add_domains(settings.variables["gtid_binlog_pos"], settings.domains);
    add_domains(settings.variables["gtid_slave_pos"], settings.domains);
    for (const auto& channel : session_.rows("SHOW REPLICA STATUS")) {
        settings.applies = channel[words_->applier] == "Yes";
        add_domains(channel["Gtid_IO_Pos"], settings.domains);
        const auto id = channel[words_->source_id];
        if (!id.empty() && id != "0") settings.peer_ids.push_back(id);
    }
    for (const auto& replica : session_.rows(words_->followers)) {
        const auto id = replica.find("Server_id");
        settings.peer_ids.push_back(id ? *id : replica["Server_Id"]);
    }
    settings.appliers = int(unsigned_number(session_.value(words_->appliers).value_or("")));
    if (words_->read_only_has_holes) read_accounts(settings);
    return settings;
}

}  // namespace duet::mysql
