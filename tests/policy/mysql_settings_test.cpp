// SPDX-License-Identifier: GPL-2.0-or-later
// What check level 10 says about settings and accounts.
#include <gtest/gtest.h>

#include "settings_policy.hpp"

namespace duet::mysql {

namespace {

constexpr std::uint64_t everything = ~std::uint64_t(0);
constexpr std::uint64_t super = std::uint64_t(1) << 15;
constexpr std::uint64_t read_only_admin = std::uint64_t(1) << 33;

Settings good() {
    Settings settings;
    settings.variables = {{"sync_binlog", "1"},
                          {"innodb_flush_log_at_trx_commit", "1"},
                          {"log_bin", "ON"},
                          {"log_slave_updates", "ON"},
                          {"binlog_format", "ROW"},
                          {"gtid_strict_mode", "ON"},
                          {"gtid_domain_id", "0"},
                          {"server_id", "1"},
                          {"slave_parallel_threads", "4"},
                          {"slave_parallel_mode", "optimistic"},
                          {"event_scheduler", "OFF"},
                          {"extra_port", "3308"},
                          {"rpl_semi_sync_master_enabled", "OFF"}};
    settings.applies = true;
    settings.appliers = 4;
    settings.peer_ids = {"2"};
    settings.domains = {0};
    settings.fencing = true;
    settings.accounts_known = true;
    return settings;
}

Settings good_on_mysql() {
    auto settings = good();
    settings.is_mysql = true;
    settings.accounts_known = false;  // nobody writes on a standby there
    settings.domains = {};
    settings.variables = {{"sync_binlog", "1"},
                          {"innodb_flush_log_at_trx_commit", "1"},
                          {"log_bin", "ON"},
                          {"log_replica_updates", "ON"},
                          {"binlog_format", "ROW"},
                          {"gtid_mode", "ON"},
                          {"enforce_gtid_consistency", "ON"},
                          {"server_id", "1"},
                          {"replica_parallel_workers", "4"},
                          {"replica_preserve_commit_order", "ON"},
                          {"event_scheduler", "OFF"},
                          {"admin_address", "127.0.0.1"},
                          {"clone_valid_donor_list", ""},
                          {"rpl_semi_sync_source_enabled", "OFF"}};
    return settings;
}

struct SettingsCase {
    const char* name;
    void (*change)(Settings&);
    bool is_error;
    const char* begin;  // of the one sentence; nullptr: there is none
};
void PrintTo(const SettingsCase& row, std::ostream* out) { *out << row.name; }

void set(Settings& settings, const char* name, const char* value) {
    settings.variables[name] = value;
}

class SettingsTable : public testing::TestWithParam<SettingsCase> {};

TEST_P(SettingsTable, IsSaidInOneSentence) {
    auto settings = good();
    GetParam().change(settings);
    const auto found = findings(settings);
    if (!GetParam().begin) {
        EXPECT_TRUE(found.empty()) << found.front().sentence;
        return;
    }
    ASSERT_EQ(1u, found.size());
    EXPECT_EQ(0u, found[0].sentence.find(GetParam().begin)) << found[0].sentence;
    EXPECT_EQ(GetParam().is_error, found[0].is_error);
}

INSTANTIATE_TEST_SUITE_P(
    Each, SettingsTable,
    testing::Values(
        SettingsCase{"AllIsWell", [](Settings&) {}, false, nullptr},
        SettingsCase{"SyncBinlog", [](Settings& s) { set(s, "sync_binlog", "0"); }, true,
                     "sync_binlog is '0', expected '1': "},
        SettingsCase{"SyncBinlogOfAsync", [](Settings& s) {
            set(s, "sync_binlog", "0"), s.lossless = false; }, false,
                     "sync_binlog is '0', expected '1': "},
        SettingsCase{"FlushLog", [](Settings& s) {
            set(s, "innodb_flush_log_at_trx_commit", "2"); }, true,
                     "innodb_flush_log_at_trx_commit is '2', expected '1': "},
        SettingsCase{"NoBinlog", [](Settings& s) { set(s, "log_bin", "OFF"); }, true,
                     "log_bin is 'OFF', expected 'ON': "},
        SettingsCase{"NoSlaveUpdates", [](Settings& s) { set(s, "log_slave_updates", "OFF"); },
                     true, "log_slave_updates is 'OFF', expected 'ON': "},
        SettingsCase{"Mixed", [](Settings& s) { set(s, "binlog_format", "MIXED"); }, true,
                     "binlog_format is 'MIXED', expected 'ROW': "},
        SettingsCase{"NotStrict", [](Settings& s) { set(s, "gtid_strict_mode", "OFF"); }, true,
                     "gtid_strict_mode is 'OFF', expected 'ON': "},
        SettingsCase{"NoSemiSync", [](Settings& s) {
            s.variables.erase("rpl_semi_sync_master_enabled"); }, true,
                     "rpl_semi_sync_master_enabled is not there, expected "},
        SettingsCase{"NoSemiSyncWithAsync", [](Settings& s) {
            s.variables.erase("rpl_semi_sync_master_enabled"), s.lossless = false; }, false,
                     nullptr},
        SettingsCase{"TheSameServerId", [](Settings& s) { s.peer_ids = {"1"}; }, true,
                     "server_id is '1' on both servers, expected "},
        SettingsCase{"AnotherDomain", [](Settings& s) { s.domains = {0, 2}; }, true,
                     "gtid_domain_id is '0', expected '2': "},
        SettingsCase{"NoDomainYet", [](Settings& s) { s.domains = {}; }, false, nullptr},
        SettingsCase{"NoParallelThreads", [](Settings& s) {
            set(s, "slave_parallel_threads", "0"); }, false,
                     "slave_parallel_threads is '0', expected '4': "},
        SettingsCase{"ParallelModeNone", [](Settings& s) {
            set(s, "slave_parallel_mode", "none"); }, false,
                     "slave_parallel_mode is 'none', expected 'optimistic': "},
        SettingsCase{"AppliersThatDoNotWork", [](Settings& s) { s.appliers = 0; }, false,
                     "slave_parallel_threads is '4', and 0 appliers work: "},
        SettingsCase{"NothingIsApplied", [](Settings& s) { s.appliers = 0, s.applies = false; },
                     false, nullptr},
        SettingsCase{"EventsOnTheStandby", [](Settings& s) { set(s, "event_scheduler", "ON"); },
                     false, "event_scheduler is 'ON', expected 'OFF': "},
        SettingsCase{"EventsOnTheActive", [](Settings& s) {
            set(s, "event_scheduler", "ON"), s.promoted = true; }, false, nullptr},
        SettingsCase{"EventsThatDoNotFollow", [](Settings& s) {
            set(s, "event_scheduler", "ON"), s.events_follow_role = false; }, false, nullptr},
        SettingsCase{"NoExtraPort", [](Settings& s) { set(s, "extra_port", "0"); }, false,
                     "extra_port is '0', expected '3308': "},
        SettingsCase{"AServerWithoutExtraPort", [](Settings& s) {
            s.variables.erase("extra_port"); }, false, nullptr},
        SettingsCase{"AccountsUnknown", [](Settings& s) { s.accounts_known = false; }, false,
                     "the agent's account cannot read mysql.global_priv"},
        SettingsCase{"AnAccount", [](Settings& s) { s.past_read_only = {"'ops'@'%'"}; }, true,
                     "the account 'ops'@'%' holds READ ONLY ADMIN, expected nobody but "},
        SettingsCase{"NoFencing", [](Settings& s) { s.fencing = false; }, false,
                     "durability is 'lossless' and fencing is off, expected "},
        SettingsCase{"NoFencingWithAsync", [](Settings& s) {
            s.fencing = false, s.lossless = false; }, false, nullptr},
        SettingsCase{"NoCluster", [](Settings& s) { s.fencing.reset(); }, false, nullptr}),
    [](const auto& row) { return row.param.name; });

TEST(Settings, ErrorsAndWarningsAreToldApart) {
    auto settings = good();
    settings.variables["sync_binlog"] = "0";
    settings.fencing = false;
    const auto found = findings(settings);
    EXPECT_EQ(1u, sentences(found, true).size());
    EXPECT_EQ(1u, sentences(found, false).size());
}

Account account(const char* user, const char* host, std::uint64_t access, int version = 101119) {
    return {user, host, access, version, false};
}
Account role(const char* name, std::uint64_t access) { return {name, "", access, 101119, true}; }

TEST(Accounts, ThatCanWriteOnAStandbyAreNamed) {
    const std::vector<Account> accounts{
        account("root", "localhost", everything, 0),
        account("mysql", "localhost", everything, 0),
        account("duet", "localhost", read_only_admin),
        account("duet", "127.0.0.1", read_only_admin),
        account("duet", "%", read_only_admin),
        account("root", "%", everything, 0),
        account("site", "%", 0),
        account("super", "%", super),
        account("old", "%", super, 100519),
        account("plain", "%", read_only_admin),
        account("inner", "%", 0),
        account("outer", "%", 0),
        account("other", "%", 0),
        role("admin", read_only_admin),
        role("team", 0),
        role("harmless", super),
    };
    const std::vector<RoleHolder> holders{{"inner", "%", "admin"},
                                          {"team", "", "admin"},
                                          {"outer", "%", "team"},
                                          {"other", "%", "harmless"},
                                          {"root", "localhost", "admin"}};
    const std::vector<std::string> expected{
        "'duet'@'%'",  "'root'@'%'",  "'old'@'%'", "'plain'@'%'", "'inner'@'%' (role admin)",
        "'outer'@'%' (role team)"};
    EXPECT_EQ(expected, accounts_past_read_only(accounts, holders, "duet"));
}

TEST(Accounts, WhatEverybodyHoldsIsSaidSo) {
    const auto found = accounts_past_read_only({role("PUBLIC", read_only_admin)}, {}, "duet");
    ASSERT_EQ(1u, found.size());
    EXPECT_EQ(0u, found[0].find("PUBLIC"));
}

TEST(SettingsOfMysql, AreSaidInOneSentence) {
    EXPECT_TRUE(findings(good_on_mysql()).empty());
    const struct {
        const char *name, *value;
        bool is_error;
    } rows[] = {{"sync_binlog", "0", true},
                {"log_replica_updates", "OFF", true},
                {"gtid_mode", "ON_PERMISSIVE", true},
                {"enforce_gtid_consistency", "WARN", true},
                {"rpl_semi_sync_source_enabled", "", true},
                {"replica_preserve_commit_order", "OFF", false},
                {"admin_address", "", false},
                {"event_scheduler", "ON", false}};
    for (const auto& row : rows) {
        auto settings = good_on_mysql();
        settings.variables[row.name] = row.value;
        const auto found = findings(settings);
        ASSERT_EQ(1u, found.size()) << row.name;
        EXPECT_EQ(0u, found[0].sentence.find(row.name)) << found[0].sentence;
        EXPECT_EQ(row.is_error, found[0].is_error) << row.name;
    }
    auto settings = good_on_mysql();
    settings.peer_ids = {"1"};
    EXPECT_EQ(1u, findings(settings).size()) << "the same server_id";
    settings = good_on_mysql();
    settings.variables.erase("clone_valid_donor_list");
    ASSERT_EQ(1u, findings(settings).size());
    EXPECT_NE(std::string::npos, findings(settings)[0].sentence.find("mysql_clone.so"));
}

}  // namespace

}  // namespace duet::mysql
