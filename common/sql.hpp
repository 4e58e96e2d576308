// SPDX-License-Identifier: GPL-2.0-or-later
// A connection to MariaDB or MySQL over Connector/C, every wait bounded.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace duet {

// What the server or the client library answered: `code` is the server's error number, or 2000 and
// above for the library's own (2002, 2003 no connection; 2006, 2013 lost).
class SqlError : public std::runtime_error {
  public:
    SqlError(unsigned code, const std::string& sentence)
        : std::runtime_error(sentence), code_(code) {}
    unsigned code() const { return code_; }
    bool is_connection() const { return code_ >= 2000 && code_ < 3000; }

  private:
    unsigned code_;
};

struct SqlTarget {
    std::string socket;  // a unix socket, or
    std::string host;    // an address
    int port = 3306;
    std::string user, password;
    // Whole seconds, at least one, as Connector/C counts them: to connect, and for each read.
    std::chrono::seconds timeout{2};
};

// A row of text values by column name; SQL NULL is absent.
class SqlRow {
  public:
    std::optional<std::string> find(const std::string& column) const;
    // Empty for NULL or no such column.
    std::string operator[](const std::string& column) const;
    void set(std::string column, std::string value) {
        values_[std::move(column)] = std::move(value);
    }

  private:
    std::map<std::string, std::string> values_;
};

class SqlSession {
  public:
    // Throws SqlError.
    explicit SqlSession(const SqlTarget& target);
    ~SqlSession();
    SqlSession(SqlSession&&) noexcept;
    SqlSession& operator=(SqlSession&&) noexcept;

    // One statement; throws SqlError. `masked`, where given, stands for the statement in errors:
    // a statement with a secret must not reach a log.
    std::vector<SqlRow> rows(const std::string& statement, const std::string& masked = {});
    void execute(const std::string& statement, const std::string& masked = {});
    // The first column of the first row; nothing for NULL or no row.
    std::optional<std::string> value(const std::string& statement);

    std::string quoted(const std::string& text);
    std::string server_version() const;

  private:
    struct Handle;
    std::unique_ptr<Handle> handle_;
};

}  // namespace duet
