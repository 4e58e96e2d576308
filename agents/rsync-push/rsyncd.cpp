// SPDX-License-Identifier: GPL-2.0-or-later
#include "rsyncd.hpp"

#include <unistd.h>

#include <filesystem>
#include <set>
#include <system_error>

#include "companions.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "process.hpp"
#include "text.hpp"

namespace duet::rsync_push {

namespace {

constexpr Milliseconds glance{5};
constexpr Milliseconds patience{5'000};

std::string log_of(const Instance& instance) {
    return instance.directory + "/rsyncd.log";
}

// "2026/11/25 01:23:01 [4711] auth failed on module x": what follows the number.
std::string message_in(const std::string& line) {
    const auto bracket = line.find("] ");
    return bracket == std::string::npos ? line : line.substr(bracket + 2);
}

bool is_trouble(const std::string& message) {
    for (const char* word : {"rsync:", "rsync error:", "denied", "failed", "ERROR"})
        if (message.find(word) != std::string::npos) return true;
    return false;
}

// Inodes of the sockets that the process holds.
std::set<std::string> sockets_of(const Process& process) {
    std::set<std::string> inodes;
    std::error_code ignored;
    for (const auto& entry :
         std::filesystem::directory_iterator(cat("/proc/", process.pid(), "/fd"), ignored)) {
        const auto target = std::filesystem::read_symlink(entry.path(), ignored).string();
        if (target.starts_with("socket:[")) inodes.insert(target.substr(8, target.size() - 9));
    }
    return inodes;
}

}  // namespace

std::string daemon_config(const std::string& directory) {
    return directory + "/rsyncd.conf";
}

// Root, because owners are kept; chroot, because a planted symlink must lead nowhere. Names of
// users are not looked up: the two servers may number them differently, and /etc is not in there.
std::string config_text(const Instance& instance) {
    const auto& directory = instance.directory;
    auto text = cat("# Written by the resource agent at each start.\n",
                    "address = ", instance.self().address, "\nport = ", instance.self().port,
                    "\nhosts allow = ", instance.peer().address, "\nauth users = ", account,
                    "\nsecrets file = ", directory, "/rsyncd.secrets\nlock file = ", directory,
                    "/rsyncd.lock\nlog file = ", log_of(instance), R"(
strict modes = yes
reverse lookup = no
uid = 0
gid = 0
use chroot = yes
numeric ids = yes
list = no
read only = no
write only = yes
max connections = 8
timeout = 60
)");
    for (const auto& tree : instance.trees)
        text += cat('[', tree.module, "]\npath = ", tree.path, '\n');
    text += cat('[', record_module, "]\npath = ", directory, "/record\n");
    text +=
        cat('[', life_module, "]\npath = ", directory, "/life\nread only = yes\nwrite only = no\n");
    return text;
}

std::string read_secret(const Config& config) {
    if (const auto problem = secret_problem(config.secret)) throw Failure(Exit::args, *problem);
    const auto lines = split(read_file(config.secret).value_or(""), '\n');
    if (trim(lines[0]).empty())
        throw Failure(Exit::args, cat("the first line of '", config.secret,
                                      "' (parameter 'secret') is empty: expected a password"));
    return lines[0];
}

Process start_daemon_of(const Instance& instance) {
    const auto& directory = instance.directory;
    replace_file(directory + "/rsyncd.secrets",
                 cat(account, ':', read_secret(instance.config), '\n'), Durability::none);
    replace_file(daemon_config(directory), config_text(instance), Durability::none);
    const auto pid = start_daemon(
        {instance.rsync(), "--daemon", "--no-detach", "--config=" + daemon_config(directory)});
    auto process = Process::open(pid);
    const auto ended = [&] {
        const auto words = take_trouble(instance);
        return Failure(Exit::generic,
                       cat("the rsync daemon ended at once (is '", instance.self().address,
                           "' an address of this server, is port ", instance.self().port,
                           " free there?): ", words.empty() ? "it says nothing" : words.front()));
    };
    if (!process) throw ended();
    remember(daemon_file(instance.call), *process);
    const auto deadline = Deadline::after(patience);
    while (!is_listening(*process)) {
        if (!process->alive()) throw ended();
        deadline.pause(glance, "the rsync daemon to listen");
    }
    return std::move(*process);
}

std::vector<std::string> take_trouble(const Instance& instance) {
    std::vector<std::string> trouble;
    for (const auto& line : split(read_file(log_of(instance)).value_or(""), '\n'))
        if (auto message = message_in(line); is_trouble(message))
            trouble.push_back(std::move(message));
    // The daemon writes at its end, wherever that is.
    [[maybe_unused]] const int truncated = ::truncate(log_of(instance).c_str(), 0);
    return trouble;
}

bool is_listening(const Process& process) {
    const auto sockets = sockets_of(process);
    for (const char* table : {"tcp", "tcp6"}) {
        const auto text = read_file(cat("/proc/", process.pid(), "/net/", table)).value_or("");
        for (const auto& line : split(text, '\n')) {
            const auto fields = split_words(line);
            constexpr auto listening = "0A";
            if (fields.size() > 9 && fields[3] == listening && sockets.contains(fields[9]))
                return true;
        }
    }
    return false;
}

}  // namespace duet::rsync_push
