// SPDX-License-Identifier: GPL-2.0-or-later
#include "settings_policy.hpp"

#include <algorithm>

namespace duet::mysql {

namespace {

// MariaDB's privilege bits (sql/privilege.h) as mysql.global_priv stores them.
constexpr std::uint64_t super = std::uint64_t(1) << 15;
constexpr std::uint64_t read_only_admin = std::uint64_t(1) << 33;
// Before, SUPER included it; an account that was written then still has it.
constexpr int of_its_own_since = 101100;

bool is_past_read_only(const Account& account) {
    const bool old = account.version > 0 && account.version < of_its_own_since;
    return (account.access & read_only_admin) || (old && (account.access & super));
}

bool is_expected(const Account& account, const std::string& agent) {
    const bool socket = account.host == "localhost";
    if (socket && (account.user == "root" || account.user == "mysql")) return true;
    return account.user == agent && (socket || account.host == "127.0.0.1");
}

// Roles may be granted to roles.
std::set<std::string> roles_past_read_only(const std::vector<Account>& accounts,
                                           const std::vector<RoleHolder>& holders) {
    std::set<std::string> roles;
    for (const auto& account : accounts)
        if (account.is_role && is_past_read_only(account)) roles.insert(account.user);
    for (bool grown = true; grown;) {
        grown = false;
        for (const auto& holder : holders)
            if (holder.host.empty() && roles.contains(holder.role))
                grown = roles.insert(holder.user).second || grown;
    }
    return roles;
}

class Report {
  public:
    explicit Report(const Settings& settings) : settings_(settings) {}

    void crash_safety();
    void replication();
    void applier();
    void rights();
    void cluster();
    std::vector<Finding> take() { return std::move(findings_); }

  private:
    std::string value(const std::string& name) const {
        const auto found = settings_.variables.find(name);
        return found == settings_.variables.end() ? std::string() : found->second;
    }
    void error(std::string sentence) { findings_.push_back({true, std::move(sentence)}); }
    void warn(std::string sentence) { findings_.push_back({false, std::move(sentence)}); }
    static std::string is(const std::string& name, const std::string& value,
                          const std::string& expected, const std::string& why) {
        return name + " is '" + value + "', expected '" + expected + "': " + why;
    }
    void expect(const std::string& name, const std::string& expected, const std::string& why,
                bool as_error = true) {
        const auto found = value(name);
        if (found != expected) findings_.push_back({as_error, is(name, found, expected, why)});
    }

    const Settings& settings_;
    std::vector<Finding> findings_;
};

void Report::crash_safety() {
    const bool strict = settings_.lossless;
    expect("sync_binlog", "1", "a power cut can lose commits that clients were told of", strict);
    expect("innodb_flush_log_at_trx_commit", "1",
           "a power cut can lose commits that clients were told of", strict);
}

void Report::replication() {
    const bool mysql = settings_.is_mysql;
    expect("log_bin", "ON", "nobody can follow this server");
    expect(mysql ? "log_replica_updates" : "log_slave_updates", "ON",
           "a promoted standby could not be followed");
    expect("binlog_format", "ROW", "statements can have other results on the standby");
    if (mysql) {
        expect("gtid_mode", "ON", "nobody can say what this server has and the other one has not");
        expect("enforce_gtid_consistency", "ON", "there would be transactions without a GTID");
    } else {
        expect("gtid_strict_mode", "ON", "two histories would be merged instead of noticed");
    }
    const std::string semi_sync =
        mysql ? "rpl_semi_sync_source_enabled" : "rpl_semi_sync_master_enabled";
    if (value(semi_sync).empty() && settings_.lossless)
        error(semi_sync + " is not there, expected semi-synchronous replication: "
              "nobody would wait for the standby");
    if (mysql && !settings_.variables.contains("clone_valid_donor_list"))
        warn("the plugin mysql_clone.so is not there: this server can neither be seeded nor seed");
    const auto id = value("server_id");
    for (const auto& other : settings_.peer_ids)
        if (other == id)
            error("server_id is '" + id + "' on both servers, expected a number of its own: each "
                  "takes the other's transactions for its own");
    const auto domain = value("gtid_domain_id");  // none has MySQL, and so no domains
    for (const auto other : settings_.domains)
        if (std::to_string(other) != domain)
            error(is("gtid_domain_id", domain, std::to_string(other),
                     "there are transactions of that domain, and two domains hide that two "
                     "servers have diverged"));
}

void Report::applier() {
    const std::string name =
        settings_.is_mysql ? "replica_parallel_workers" : "slave_parallel_threads";
    const auto threads = value(name), mode = value("slave_parallel_mode");
    if (threads == "0" || (settings_.is_mysql && threads == "1"))
        warn(is(name, threads, "4",
                "the standby applies one transaction after the other, and a move has to wait"));
    if (settings_.is_mysql)
        expect("replica_preserve_commit_order", "ON",
               "a standby would show what the active never was", false);
    if (mode == "none" || mode == "minimal")
        warn(is("slave_parallel_mode", mode, "optimistic",
                "the standby applies one transaction after the other, and a move has to wait"));
    if (settings_.applies && threads != "0" && std::to_string(settings_.appliers) != threads)
        warn(name + " is '" + threads + "', and " +
             std::to_string(settings_.appliers) +
             " appliers work: it was changed while replication ran");
    if (settings_.events_follow_role && !settings_.promoted && value("event_scheduler") == "ON")
        warn(is("event_scheduler", "ON", "OFF", "scheduled events run on the promoted server alone"));
    if (settings_.is_mysql && value("admin_address").empty())
        warn(is("admin_address", "", "127.0.0.1",
                "clients that use up max_connections can keep the agent out"));
    if (value("extra_port") == "0")
        warn(is("extra_port", "0", "3308",
                "clients that use up max_connections can keep the agent out"));
}

void Report::rights() {
    // Nobody can write on a standby that is super_read_only.
    if (settings_.is_mysql) return;
    if (!settings_.accounts_known)
        warn("the agent's account cannot read mysql.global_priv and mysql.roles_mapping, expected "
             "SELECT: nobody looks for accounts that can write on the standby");
    for (const auto& account : settings_.past_read_only)
        error("the account " + account + " holds READ ONLY ADMIN, expected nobody but the agent and "
              "root on the socket: it can write on the standby");
}

void Report::cluster() {
    if (settings_.lossless && settings_.fencing == false)
        warn("durability is 'lossless' and fencing is off, expected fencing or 'async': when the "
             "standby dies nobody can write until it is back or a person confirms its death");
}

}  // namespace

std::vector<std::string> accounts_past_read_only(const std::vector<Account>& accounts,
                                                 const std::vector<RoleHolder>& holders,
                                                 const std::string& agent) {
    const auto roles = roles_past_read_only(accounts, holders);
    std::vector<std::string> found;
    if (roles.contains("PUBLIC")) found.push_back("PUBLIC, which is everybody,");
    for (const auto& account : accounts) {
        if (account.is_role || is_expected(account, agent)) continue;
        const auto name = '\'' + account.user + "'@'" + account.host + '\'';
        const auto held = std::find_if(holders.begin(), holders.end(), [&](const auto& holder) {
            return !account.host.empty() && holder.user == account.user &&
                   holder.host == account.host && roles.contains(holder.role);
        });
        if (is_past_read_only(account)) {
            found.push_back(name);
        } else if (held != holders.end()) {
            found.push_back(name + " (role " + held->role + ')');
        }
    }
    return found;
}

std::vector<Finding> findings(const Settings& settings) {
    Report report(settings);
    report.crash_safety();
    report.replication();
    report.applier();
    report.rights();
    report.cluster();
    return report.take();
}

std::vector<std::string> sentences(const std::vector<Finding>& findings, bool errors) {
    std::vector<std::string> out;
    for (const auto& finding : findings)
        if (finding.is_error == errors) out.push_back(finding.sentence);
    return out;
}

}  // namespace duet::mysql
