// SPDX-License-Identifier: GPL-2.0-or-later
#include "site_client.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <mysql.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>

#include "failure.hpp"
#include "fd.hpp"
#include "text.hpp"

namespace duet::lab {

struct SiteClient::Handle {
    MYSQL mysql{};
    bool connected = false;
    Handle() {
        mysql_init(&mysql);
        mysql_options(&mysql, MYSQL_OPT_NONBLOCK, nullptr);
    }
    ~Handle() {
        // mysql_close would say goodbye to a server that may be silent.
        if (connected) shutdown_socket();
        mysql_close(&mysql);
    }
    void shutdown_socket() { ::shutdown(int(mysql_get_socket(&mysql)), SHUT_RDWR); }
};

namespace {

// Waits for what the library waits for; 0 at the deadline.
int wait_for(MYSQL* mysql, int status, const Deadline& deadline) {
    pollfd poller{int(mysql_get_socket(mysql)), 0, 0};
    if (status & MYSQL_WAIT_READ) poller.events |= POLLIN;
    if (status & MYSQL_WAIT_WRITE) poller.events |= POLLOUT;
    if (status & MYSQL_WAIT_EXCEPT) poller.events |= POLLPRI;
    auto wait = deadline.remaining();
    if (status & MYSQL_WAIT_TIMEOUT)
        wait = std::min(wait, Milliseconds(mysql_get_timeout_value_ms(mysql)));
    if (poll(&poller, 1, int(wait.count())) <= 0)
        return deadline.expired() ? 0 : MYSQL_WAIT_TIMEOUT;
    int ready = 0;
    if (poller.revents & (POLLIN | POLLHUP | POLLERR)) ready |= status & MYSQL_WAIT_READ;
    if (poller.revents & (POLLOUT | POLLHUP | POLLERR)) ready |= status & MYSQL_WAIT_WRITE;
    if (poller.revents & POLLPRI) ready |= MYSQL_WAIT_EXCEPT;
    return ready ? ready : status;
}

struct FreeResult {
    void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};

std::size_t keep(char* data, std::size_t size, std::size_t count, void* body) {
    static_cast<std::string*>(body)->append(data, size * count);
    return size * count;
}

}  // namespace

SiteClient::SiteClient(DatabaseAddress address, Milliseconds connect_limit)
    : address_(std::move(address)), connect_limit_(connect_limit) {}
SiteClient::~SiteClient() = default;

Outcome SiteClient::fail() {
    error_ = cat(mysql_errno(&handle_->mysql), ": ", mysql_error(&handle_->mysql));
    const bool lost = mysql_errno(&handle_->mysql) >= 2000 || mysql_errno(&handle_->mysql) == 0;
    if (lost) handle_.reset();
    return lost ? Outcome::unknown : Outcome::refused;
}

bool SiteClient::connect() {
    if (handle_) return true;
    const auto deadline = Deadline::after(connect_limit_);
    handle_ = std::make_unique<Handle>();
    auto* mysql = &handle_->mysql;
    const bool local = address_.host.empty();
    MYSQL* result = nullptr;
    int status = mysql_real_connect_start(
        &result, mysql, local ? nullptr : address_.host.c_str(), address_.user.c_str(),
        address_.password.c_str(), nullptr, local ? 0 : 3306,
        local ? address_.socket.c_str() : nullptr, 0);
    while (status) {
        const int ready = wait_for(mysql, status, deadline);
        if (!ready) break;
        status = mysql_real_connect_cont(&result, mysql, ready);
    }
    if (!status && result) return handle_->connected = true;
    error_ = status ? "no answer" : cat(mysql_errno(mysql), ": ", mysql_error(mysql));
    if (status && int(mysql_get_socket(mysql)) >= 0) handle_->connected = true;
    handle_.reset();
    return false;
}

Outcome SiteClient::execute(const std::string& statement, Milliseconds limit) {
    if (!connect()) return Outcome::refused;
    const auto deadline = Deadline::after(limit);
    auto* mysql = &handle_->mysql;
    int failed = 0;
    int status = mysql_real_query_start(&failed, mysql, statement.data(), statement.size());
    while (status) {
        const int ready = wait_for(mysql, status, deadline);
        if (!ready) {
            error_ = "no answer";
            handle_.reset();
            return Outcome::unknown;
        }
        status = mysql_real_query_cont(&failed, mysql, ready);
    }
    return failed ? fail() : Outcome::done;
}

std::string SiteClient::value(const std::string& statement, Milliseconds limit) {
    if (execute(statement, limit) != Outcome::done) return {};
    const std::unique_ptr<MYSQL_RES, FreeResult> result(mysql_store_result(&handle_->mysql));
    const auto row = result ? mysql_fetch_row(result.get()) : nullptr;
    return row && row[0] ? row[0] : "";
}

std::string Page::server() const {
    constexpr std::string_view key = "server: ";
    for (const auto& line : split(body, '\n'))
        if (line.starts_with(key)) return line.substr(key.size());
    return {};
}

Page fetch_page(const std::string& url, Milliseconds connect_limit, Milliseconds limit) {
    Page page;
    const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
    curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS, long(connect_limit.count()));
    curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, long(limit.count()));
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &page.body);
    const auto result = curl_easy_perform(curl.get());
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    if (result == CURLE_OK) {
        page.status = int(status);
    } else {
        page.error = curl_easy_strerror(result);
    }
    return page;
}

void enter_network_of(int pid) {
    const Fd network(::open(cat("/proc/", pid, "/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
    if (!network || ::setns(network.get(), CLONE_NEWNET) != 0)
        throw_errno(cat("enter the network of process ", pid));
}

}  // namespace duet::lab
