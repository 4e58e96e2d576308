// SPDX-License-Identifier: GPL-2.0-or-later
#include "sql.hpp"

#include <mysql.h>

#include "text.hpp"

namespace duet {

struct SqlSession::Handle {
    MYSQL* mysql = nullptr;
    ~Handle() {
        if (mysql) mysql_close(mysql);
    }
};

namespace {

struct FreeResult {
    void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};
using Result = std::unique_ptr<MYSQL_RES, FreeResult>;

[[noreturn]] void fail(MYSQL* mysql, const std::string& doing) {
    throw SqlError(mysql_errno(mysql),
                   cat(doing, ": ", mysql_error(mysql), " (", mysql_errno(mysql), ')'));
}

}  // namespace

std::optional<std::string> SqlRow::find(const std::string& column) const {
    const auto found = values_.find(column);
    if (found == values_.end()) return std::nullopt;
    return found->second;
}

std::string SqlRow::operator[](const std::string& column) const {
    return find(column).value_or("");
}

SqlSession::SqlSession(const SqlTarget& target) : handle_(std::make_unique<Handle>()) {
    auto*& mysql = handle_->mysql;
    mysql = mysql_init(nullptr);
    if (!mysql) throw SqlError(2008, "out of memory for a database connection");
    const unsigned seconds = unsigned(target.timeout.count());
    mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &seconds);
    mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
    const bool local = target.host.empty();
    const auto* connected = mysql_real_connect(
        mysql, local ? nullptr : target.host.c_str(), target.user.c_str(),
        target.password.empty() ? nullptr : target.password.c_str(), nullptr,
        local ? 0 : unsigned(target.port), local ? target.socket.c_str() : nullptr, 0);
    if (!connected)
        fail(mysql, local ? cat("could not connect to '", target.socket, "' as '", target.user, "'")
                          : cat("could not connect to ", target.host, " port ", target.port,
                                " as '", target.user, "'"));
}

SqlSession::~SqlSession() = default;
SqlSession::SqlSession(SqlSession&&) noexcept = default;
SqlSession& SqlSession::operator=(SqlSession&&) noexcept = default;

std::vector<SqlRow> SqlSession::rows(const std::string& statement, const std::string& masked) {
    auto* mysql = handle_->mysql;
    const auto& shown = masked.empty() ? statement : masked;
    if (mysql_real_query(mysql, statement.data(), statement.size()) != 0) fail(mysql, shown);
    const Result result(mysql_store_result(mysql));
    if (!result) {
        if (mysql_field_count(mysql) != 0) fail(mysql, shown);
        return {};
    }
    const auto* fields = mysql_fetch_fields(result.get());
    const auto count = mysql_num_fields(result.get());
    std::vector<SqlRow> out;
    while (const auto values = mysql_fetch_row(result.get())) {
        const auto* lengths = mysql_fetch_lengths(result.get());
        SqlRow row;
        for (unsigned i = 0; i < count; ++i)
            if (values[i]) row.set(fields[i].name, std::string(values[i], lengths[i]));
        out.push_back(std::move(row));
    }
    return out;
}

void SqlSession::execute(const std::string& statement, const std::string& masked) {
    rows(statement, masked);
}

std::optional<std::string> SqlSession::value(const std::string& statement) {
    auto* mysql = handle_->mysql;
    if (mysql_real_query(mysql, statement.data(), statement.size()) != 0) fail(mysql, statement);
    const Result result(mysql_store_result(mysql));
    if (!result) return std::nullopt;
    const auto values = mysql_fetch_row(result.get());
    if (!values || !values[0]) return std::nullopt;
    return std::string(values[0], mysql_fetch_lengths(result.get())[0]);
}

std::string SqlSession::quoted(const std::string& text) {
    std::string out(text.size() * 2 + 1, '\0');
    out.resize(mysql_real_escape_string(handle_->mysql, out.data(), text.data(), text.size()));
    return cat('\'', out, '\'');
}

std::string SqlSession::server_version() const { return mysql_get_server_info(handle_->mysql); }

}  // namespace duet
