// SPDX-License-Identifier: GPL-2.0-or-later
// The agent's side of the announcer.
#include <poll.h>
#include <unistd.h>

#include <csignal>

#include "announcer.hpp"
#include "companion.hpp"
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
    const auto words =
        start_companion(call, argument, path_of(call), call.deadline.at_most(patience));
    if (words == "announced") return;
    if (const auto process = find_announcer(call)) process->signal(SIGKILL);
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
