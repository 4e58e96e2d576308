// SPDX-License-Identifier: GPL-2.0-or-later
#include "mariadb.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "file.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

constexpr auto template_folder = "/run/duet-sandbox/datadir";
constexpr Milliseconds patience{60'000};

// Less of everything that only costs time or memory in a test.
constexpr auto small =
    "innodb_buffer_pool_size = 16M\ninnodb_log_file_size = 4M\nkey_buffer_size = 1M\n"
    "aria_pagecache_buffer_size = 1M\nperformance_schema = OFF\n";

// The folder that only the packages of MySQL would make is not needed.
constexpr auto small_mysql =
    "innodb_buffer_pool_size = 16M\ninnodb_redo_log_capacity = 16M\nkey_buffer_size = 1M\n"
    "max_connections = 60\ntable_open_cache = 200\nsecure_file_priv = NULL\n";

void give(const std::string& path) {
    const auto* account = ::getpwnam("mysql");
    if (!account || ::chown(path.c_str(), account->pw_uid, account->pw_gid) != 0)
        throw std::runtime_error("could not give '" + path + "' to mysql");
}

// With the accounts, as "mysql <accounts-mysql.sql" would make them.
void install_mysql(const std::string& config) {
    const std::string accounts = "/run/duet-sandbox/accounts.sql";
    replace_file(accounts, example("accounts-mysql.sql"), Durability::none, 0644);
    must({mysqld_to_test(), "--defaults-file=" + config, "--user=mysql", "--initialize-insecure",
          cat("--datadir=", template_folder), "--init-file=" + accounts});
    // Each copy makes a name of its own.
    must(cat("rm ", template_folder, "/auto.cnf"));
}

void install(const std::string& config) {
    if (is_mysql()) return install_mysql(config);
    // By force, for a fresh machine may not even know localhost.
    must({"mariadb-install-db", "--defaults-file=" + config, "--user=mysql", "--skip-test-db",
          "--force", cat("--datadir=", template_folder), "--auth-root-authentication-method=socket"});
    RunOptions options;
    options.input = "FLUSH PRIVILEGES;\n" + example("accounts.sql");
    const auto ended =
        run({"mariadbd", "--no-defaults", "--bootstrap", "--user=mysql", "--log-bin=binlog",
             "--innodb-log-file-size=4M", cat("--datadir=", template_folder)},
            Deadline::after(patience), options);
    if (!ended.succeeded()) throw std::runtime_error(ended.err);
}

}  // namespace

std::string mysqld_to_test() {
    const auto* path = std::getenv("DUET_TEST_MYSQLD");
    return path ? path : "";
}

bool is_mysql() { return !mysqld_to_test().empty(); }

std::string example(const std::string& file) {
    const auto path = cat(DUET_SOURCE, "/crm-examples/", file);
    const auto content = read_file(path);
    if (!content) throw std::runtime_error("could not read '" + path + "'");
    return *content;
}

Parameters make_database(const std::string& folder, const std::string& name) {
    const auto config = cat(folder, '/', name, ".cnf"), data = cat(folder, '/', name);
    auto shipped = example(cat("my-", name, is_mysql() ? "-mysql.cnf" : ".cnf"));
    if (name == "b")
        shipped += cat("port = ", port_of_b, is_mysql() ? "\nadmin" : "\nextra", "_port = 3309\n");
    replace_file(config, shipped + (is_mysql() ? small_mysql : small), Durability::none, 0644);
    replace_file(folder + "/mysql.cnf", example("mysql.cnf"), Durability::none, 0600);
    if (::access(template_folder, F_OK) != 0) install(config);
    must({"cp", "-a", template_folder, data});
    give(data);
    return {{"binary", is_mysql() ? mysqld_to_test() : "mariadbd"},
            {"config", config},
            {"datadir", data},
            {"socket", data + ".run/mysqld.sock"},
            {"log", data + ".log/error.log"},
            {"credentials", folder + "/mysql.cnf"}};
}

SqlSession root(const Parameters& database) {
    SqlTarget target;
    target.socket = database.at("socket");
    target.user = "root";
    target.timeout = std::chrono::seconds(20);
    return SqlSession(target);
}

SqlSession site(std::chrono::seconds timeout, int port) {
    SqlTarget target;
    target.host = "10.0.0.1";
    target.port = port;
    target.user = "site";
    target.password = "CHANGE-ME-site";
    target.timeout = timeout;
    return SqlSession(target);
}

void make_internal_network() {
    must("ip link set lo up");
    must("ip addr add 10.0.0.1/24 dev lo");
    must("ip addr add 10.0.0.2/24 dev lo");
}

}  // namespace duet::test
