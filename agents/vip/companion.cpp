// SPDX-License-Identifier: GPL-2.0-or-later
// The agent's side of the announcer.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "announcer.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "process.hpp"
#include "text.hpp"

namespace duet::vip {

namespace {

constexpr auto argument = "--announce";
// It needs milliseconds; this is for a machine under heavy load.
constexpr Milliseconds patience{5000};

std::string path_of(const Call& call) { return run_directory(call) + "/announcer"; }

std::string own_program() {
    std::array<char, 4096> path;
    const auto size = ::readlink("/proc/self/exe", path.data(), path.size());
    const std::string program(path.data(), std::size_t(std::max<ssize_t>(size, 0)));
    // Replaced by an upgrade since this process began.
    return ::access(program.c_str(), X_OK) == 0 ? program : "/proc/self/exe";
}

// What came through the pipe until the first line's end, its other end's end, or the deadline.
std::string first_line(const Fd& pipe, const Deadline& deadline) {
    std::string text;
    while (text.find('\n') == std::string::npos) {
        pollfd waiting{pipe.get(), POLLIN, 0};
        const int ready = ::poll(&waiting, 1, int(deadline.remaining().count()));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) break;
        std::array<char, 512> block;
        const auto size = ::read(pipe.get(), block.data(), block.size());
        if (size <= 0) break;
        text.append(block.data(), std::size_t(size));
    }
    return std::string(trim(text));
}

// From the moment it is ending (PF_EXITING, 0x4 in field 9 of /proc/PID/stat) a process runs no
// more of its own code. Waiting for the end itself would mean waiting until the kernel has closed
// its packet sockets, which takes 10 ms and more for each.
bool is_mute(const Process& process) {
    constexpr std::int64_t exiting = 0x4;
    if (!process.alive()) return true;
    const auto stat = read_file(cat("/proc/", process.pid(), "/stat")).value_or("");
    const auto fields = split_words(std::string_view(stat).substr(stat.rfind(')') + 1));
    return fields.size() > 6 && (parse_integer(fields[6]).value_or(0) & exiting);
}

// One that is not in the file (which was lost) is known by its command line.
std::vector<Process> announcers(const Call& call) {
    std::vector<Process> found;
    if (auto process = find_announcer(call)) {
        found.push_back(std::move(*process));
        return found;
    }
    for (auto& process : processes_of("/proc/self/exe")) {
        const auto words = process.command_line();
        if (words.size() == 3 && words[1] == argument && words[2] == call.instance)
            found.push_back(std::move(process));
    }
    return found;
}

}  // namespace

std::optional<Process> find_announcer(const Call& call) { return recall(path_of(call)); }

void start_announcer(const Call& call) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("make a pipe");
    const Fd read(ends[0]);
    Fd write(ends[1]);
    RunOptions options;
    options.log_fd = write.get();
    const auto pid = start_daemon({own_program(), argument, call.instance}, options);
    write.reset();
    const auto process = Process::open(pid);
    if (process) remember(path_of(call), *process);
    const auto words = first_line(read, call.deadline.at_most(patience));
    if (words == "announced") return;
    if (process) process->signal(SIGKILL);
    throw Failure(Exit::generic, cat("the addresses could not be announced: ",
                                     words.empty() ? "the announcer says nothing" : words));
}

void end_announcer(const Call& call) {
    const auto mute = [](const Process& process, const Deadline& deadline) {
        while (!is_mute(process)) {
            if (deadline.expired()) return false;
            ::poll(nullptr, 0, 1);
        }
        return true;
    };
    for (const auto& process : announcers(call)) {
        process.signal(SIGTERM);
        if (mute(process, call.deadline.at_most(Milliseconds(1000)))) continue;
        process.signal(SIGKILL);
        if (!mute(process, call.deadline.at_most(Milliseconds(1000))))
            throw Failure(Exit::generic,
                          cat("the announcer (process ", process.pid(), ") survives even SIGKILL"));
    }
    ::unlink(path_of(call).c_str());
    ::unlink((run_directory(call) + "/rivals").c_str());
}

std::vector<std::string> rivals_seen(const Call& call) {
    return split_words(read_file(run_directory(call) + "/rivals").value_or(""));
}

}  // namespace duet::vip
