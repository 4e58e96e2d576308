// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon.hpp"

#include <dirent.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>

#include "failure.hpp"
#include "file.hpp"
#include "pidfd.hpp"
#include "text.hpp"

namespace duet {

namespace {

struct Stat {
    pid_t parent = -1;
    std::uint64_t start_time = 0;
};

// proc_pid_stat(5). The command name may hold blanks and brackets: fields count from the last one.
std::optional<Stat> read_stat(pid_t pid) {
    const auto text = read_file(cat("/proc/", pid, "/stat"));
    if (!text) return std::nullopt;
    const auto name_end = text->rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    const auto fields = split_words(std::string_view(*text).substr(name_end + 1));
    if (fields.size() < 20) return std::nullopt;
    const auto start = parse_integer(fields[19]);
    const auto parent = parse_integer(fields[1]);
    if (!start || !parent) return std::nullopt;
    return Stat{pid_t(*parent), std::uint64_t(*start)};
}

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

std::string real_path(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                           &std::free);
    return real ? real.get() : path;
}

std::string link_target(const std::string& link) {
    char path[PATH_MAX];
    const auto size = ::readlink(link.c_str(), path, sizeof path);
    return size <= 0 ? std::string() : std::string(path, std::size_t(size));
}

}  // namespace

std::optional<Process> Process::open(pid_t pid) {
    if (pid <= 0) return std::nullopt;
    Process process;
    process.pidfd_ = Fd(::pidfd_open(pid, 0));
    if (!process.pidfd_) return std::nullopt;
    const auto stat = read_stat(pid);
    // A zombie may be a first thread that ended before others, which wait for a disk.
    if (!stat || !process.alive()) return std::nullopt;
    process.pid_ = pid;
    process.parent_ = stat->parent;
    process.start_time_ = stat->start_time;
    return process;
}

std::string Process::executable() const {
    auto path = link_target(cat("/proc/", pid_, "/exe"));
    constexpr std::string_view deleted = " (deleted)";
    if (path.ends_with(deleted)) path.resize(path.size() - deleted.size());
    return path;
}

std::string Process::working_directory() const { return link_target(cat("/proc/", pid_, "/cwd")); }

std::vector<std::string> Process::command_line() const {
    auto text = read_file(cat("/proc/", pid_, "/cmdline")).value_or("");
    if (text.ends_with('\0')) text.pop_back();
    return split(text, '\0');
}

bool Process::alive() const {
    pollfd fd{pidfd_.get(), POLLIN, 0};
    return ::poll(&fd, 1, 0) == 0;
}

bool Process::signal(int number) const {
    if (::pidfd_send_signal(pidfd_.get(), number, nullptr, 0) == 0 || errno == ESRCH) return true;
    throw_errno(cat("send signal ", number, " to process ", pid_));
}

bool Process::wait(const Deadline& deadline) const {
    pollfd fd{pidfd_.get(), POLLIN, 0};
    for (;;) {
        const int ready = ::poll(&fd, 1, int(deadline.remaining().count()));
        if (ready > 0) return true;
        if (ready == 0) return false;
        if (errno != EINTR) throw_errno(cat("wait for process ", pid_));
    }
}

std::vector<Process> processes() {
    std::vector<Process> found;
    const std::unique_ptr<DIR, CloseFolder> folder(::opendir("/proc"));
    if (!folder) throw_errno("read /proc");
    while (const auto* entry = ::readdir(folder.get())) {
        const auto pid = parse_integer(entry->d_name);
        if (!pid) continue;
        if (auto process = Process::open(pid_t(*pid))) found.push_back(std::move(*process));
    }
    return found;
}

std::vector<Process> processes_of(const std::string& path) {
    auto found = processes();
    const auto wanted = real_path(path);
    std::erase_if(found, [&](const Process& process) { return process.executable() != wanted; });
    return found;
}

std::optional<Process> process_in(const std::string& pid_file, const std::string& executable) {
    const auto text = read_file(pid_file);
    const auto words = split_words(text.value_or(""));
    const auto pid = words.empty() ? std::nullopt : parse_integer(words.front());
    if (!pid || *pid <= 0 || *pid > INT_MAX) return std::nullopt;
    auto process = Process::open(pid_t(*pid));
    if (!process || process->executable() != real_path(executable)) return std::nullopt;
    return process;
}

void remember(const std::string& file, const Process& process) {
    replace_file(file, cat(process.pid(), ' ', process.start_time(), '\n'), Durability::none);
}

std::optional<Process> recall(const std::string& file) {
    const auto words = split_words(read_file(file).value_or(""));
    if (words.size() != 2) return std::nullopt;
    const auto pid = parse_integer(words[0]), start = parse_integer(words[1]);
    if (!pid || !start || *pid <= 0 || *pid > INT_MAX) return std::nullopt;
    auto process = Process::open(pid_t(*pid));
    if (!process || process->start_time() != std::uint64_t(*start)) return std::nullopt;
    return process;
}

bool end(std::span<const Process> processes, std::span<const EndStep> steps,
         const Deadline& deadline) {
    const auto all_ended = [&](const Deadline& limit) {
        return std::all_of(processes.begin(), processes.end(),
                           [&](const Process& process) { return process.wait(limit); });
    };
    for (const auto& step : steps) {
        for (const auto& process : processes)
            if (process.alive()) process.signal(step.signal);
        if (all_ended(deadline.share(step.share))) return true;
    }
    return all_ended(deadline.at_most(Milliseconds(0)));
}

std::optional<std::string> find_program(const std::string& name) {
    std::vector<std::string> candidates;
    if (name.find('/') != std::string::npos) {
        candidates.push_back(name);
    } else {
        // Pacemaker's own PATH may lack sbin.
        const char* path = std::getenv("PATH");
        for (const auto& folder : split(cat(path ? path : "", ":/usr/sbin:/usr/bin:/sbin:/bin"), ':'))
            if (!folder.empty()) candidates.push_back(cat(folder, '/', name));
    }
    for (const auto& candidate : candidates)
        if (::access(candidate.c_str(), X_OK) == 0) return real_path(candidate);
    return std::nullopt;
}

}  // namespace duet
