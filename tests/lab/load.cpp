// SPDX-License-Identifier: GPL-2.0-or-later
#include "load.hpp"

#include <iostream>

#include "failure.hpp"
#include "text.hpp"

namespace duet::lab {

namespace {

WallTime now() { return std::chrono::system_clock::now(); }

DatabaseAddress site_address() { return {internal_vip, "", site_user, site_password}; }

int client_pid(const World& world) {
    if (const auto pid = world.pid_of("client")) return *pid;
    throw Failure(Exit::generic, "the lab's client is not there");
}

}  // namespace

template <typename Body>
void Load::run(Body body) {
    threads_.emplace_back([this, body] {
        try {
            body();
        } catch (const std::exception& error) {
            std::cerr << "the lab's load: " << error.what() << '\n';
            stopping_ = true;
        }
    });
}

Load::Load(const Pair& pair, const LoadOptions& options) : pair_(pair), options_(options) {
    // While a change of parameters is carried out, the role is not shown for a moment.
    const auto patience = Deadline::after(Milliseconds(10'000));
    std::string active;
    while ((active = pair.active()).empty())
        patience.pause(Milliseconds(100), "an active server, without which nothing can be written");
    pair.node(active).output_of({"mariadb", "-e", "DROP TABLE IF EXISTS site.history; CREATE TABLE "
                                 "site.history (writer INT, number BIGINT, PRIMARY KEY (writer, "
                                 "number)) ENGINE = InnoDB"});
    for (int writer = 0; writer < options_.writers; ++writer) run([=, this] { write(writer); });
    run([this] { visit(); });
    for (const auto* node : node_names) run([=, this] { watch(node); });
    const auto deadline = Deadline::after(Milliseconds(10'000));
    try {
        while (acknowledged_ == 0) deadline.pause(Milliseconds(5), "the first acknowledged write");
    } catch (...) {
        stop();
        throw;
    }
}

Load::~Load() {
    stopping_ = true;
    for (auto& thread : threads_) thread.join();
}

History Load::stop() {
    stopping_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
    history_.ended = now();
    return std::move(history_);
}

void Load::write(int writer) {
    enter_network_of(client_pid(pair_.world()));
    SiteClient client(site_address(), options_.connect);
    for (long number = 0; !stopping_; ++number) {
        Write write{{writer, number}, now(), {}, Outcome::refused};
        write.outcome =
            client.execute(cat("INSERT INTO site.history VALUES (", writer, ", ", number, ")"),
                           options_.patience);
        write.ended = now();
        if (write.outcome == Outcome::done) ++acknowledged_;
        {
            const std::lock_guard lock(mutex_);
            history_.writes.push_back(write);
        }
        std::this_thread::sleep_for(options_.pause);
    }
}

void Load::visit() {
    enter_network_of(client_pid(pair_.world()));
    const auto url = cat("http://", external_vip, "/index.php");
    while (!stopping_) {
        const auto begun = now();
        const auto page = fetch_page(url, options_.connect, Milliseconds(1000));
        {
            const std::lock_guard lock(mutex_);
            history_.pages.push_back({begun, now(), page.status, page.server()});
        }
        std::this_thread::sleep_for(options_.page_pause);
    }
}

void Load::watch(const std::string& node) {
    std::unique_ptr<SiteClient> client;
    std::optional<pid_t> known;
    while (!stopping_) {
        // A node that boots again is another process with another socket.
        const auto pid = pair_.world().pid_of(node);
        if (pid != known) {
            known = pid;
            client.reset();
            if (pid)
                client = std::make_unique<SiteClient>(
                    DatabaseAddress{"", cat("/proc/", *pid, "/root/run/mysqld/mysqld.sock"),
                                    "duet", "CHANGE-ME-agent"},
                    options_.connect);
        }
        const auto begun = now();
        const bool open = client && client->value("SELECT @@read_only", options_.connect) == "0";
        {
            const std::lock_guard lock(mutex_);
            history_.looks[node].push_back({begun, now(), open});
        }
        std::this_thread::sleep_for(options_.look_pause);
    }
}

std::set<Row> rows_on(const Node& node) {
    std::set<Row> rows;
    const auto text =
        node.output_of({"mariadb", "-Nse", "SELECT writer, number FROM site.history"});
    for (const auto& line : split(text, '\n')) {
        const auto words = split_words(line);
        if (words.size() != 2) continue;
        rows.insert({int(*parse_integer(words[0])), long(*parse_integer(words[1]))});
    }
    return rows;
}

std::string digest_of(const Node& node) {
    return node.output_of({"mariadb", "-Nse",
                           cat("SELECT @@", is_mysql() ? "gtid_executed" : "gtid_binlog_pos",
                               "; CHECKSUM TABLE site.history, site.counter")});
}

}  // namespace duet::lab
