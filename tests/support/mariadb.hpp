// SPDX-License-Identifier: GPL-2.0-or-later
// A real MariaDB, or MySQL where the environment names one, for tests, set up as crm-examples/README.md has it done: an installed, empty data
// directory with the shipped accounts, the shipped configuration and logins. In the sandbox only.
#pragma once

#include <chrono>
#include <string>

#include "sandbox.hpp"
#include "sql.hpp"

namespace duet::test {

// DUET_TEST_MYSQLD, the path of a mysqld of MySQL; empty: MariaDB is tested.
std::string mysqld_to_test();
bool is_mysql();

// Server `name` ("a" or "b") in the existing `folder`. Returns the mysql agent's parameters, but
// for `peers`. The first call installs, further ones copy.
Parameters make_database(const std::string& folder, const std::string& name);

// The addresses of both servers, on this host; b listens on a port of its own.
void make_internal_network();
constexpr int port_of_a = 3306, port_of_b = 3307;

// The administrator, over the server's socket.
SqlSession root(const Parameters& database);
// The site's account, over the network.
SqlSession site(std::chrono::seconds timeout = std::chrono::seconds(10), int port = port_of_a);

// The shipped file's content.
std::string example(const std::string& file);

}  // namespace duet::test
