// SPDX-License-Identifier: GPL-2.0-or-later
// A real MariaDB for tests, set up as crm-examples/README.md has it done: an installed, empty data
// directory with the shipped accounts, the shipped configuration and logins. In the sandbox only.
#pragma once

#include <string>

#include "sandbox.hpp"
#include "sql.hpp"

namespace duet::test {

// Server `name` ("a" or "b") in the existing `folder`. Returns the mysql agent's parameters, but
// for `peers`. The first call installs, further ones copy.
Parameters make_database(const std::string& folder, const std::string& name);

// An account's connection over the server's socket; root needs no password there.
SqlSession log_in(const Parameters& database, const std::string& user = "root",
                  const std::string& password = "");

// The shipped file's content.
std::string example(const std::string& file);

}  // namespace duet::test
