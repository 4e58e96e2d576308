// SPDX-License-Identifier: GPL-2.0-or-later
#include "companions.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "companion.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "process.hpp"
#include "rsyncd.hpp"
#include "text.hpp"

namespace duet::rsync_push {

namespace {

constexpr std::string_view ready = "ready";
// They need milliseconds; this is for a machine under heavy load.
constexpr Milliseconds patience{10'000};
constexpr Milliseconds ending{5'000};

std::string path_of(const Call& call, Companion companion) {
    return run_directory(call) + (companion == Companion::pusher ? "/pusher" : "/receiver");
}

// The number in a file of remember(), when it can still be that of a session: not when another
// process has the number by now.
std::optional<pid_t> leader_in(const std::string& file) {
    const auto words = split_words(read_file(file).value_or(""));
    const auto pid = words.empty() ? std::nullopt : parse_integer(words.front());
    if (!pid || *pid <= 1) return std::nullopt;
    if (Process::open(pid_t(*pid)) && !recall(file)) return std::nullopt;
    return pid_t(*pid);
}

bool has_our_environment(const Process& process, const Call& call) {
    const auto text = read_file(cat("/proc/", process.pid(), "/environ")).value_or("");
    const auto variables = split(text, '\0');
    return std::find(variables.begin(), variables.end(),
                     cat("OCF_RESOURCE_INSTANCE=", call.instance)) != variables.end();
}

bool has_our_command_line(const Process& process, const Call& call) {
    const auto words = process.command_line();
    if (words.size() == 3 && words[2] == call.instance &&
        (words[1] == argument_of(Companion::pusher) ||
         words[1] == argument_of(Companion::receiver)))
        return process.executable() == own_program();
    const auto config = "--config=" + daemon_config(run_directory(call));
    return std::find(words.begin(), words.end(), config) != words.end();
}

// rsync answers TERM only after 0.4 s. One that writes into a tree needs it, to take its temporary
// file away, which would be served and pushed otherwise; all others have nothing to put in order.
void kill_idle_rsyncs(const std::vector<Process>& processes, const Call& call) {
    const auto listener = leader_in(daemon_file(call));
    for (const auto& process : processes) {
        const bool serves =
            !listener || (::getsid(process.pid()) == *listener && process.pid() != *listener);
        if (process.executable().ends_with("/rsync") && !serves) process.signal(SIGKILL);
    }
}

}  // namespace

const char* argument_of(Companion companion) {
    return companion == Companion::pusher ? "--push" : "--receive";
}

std::string daemon_file(const Call& call) {
    return run_directory(call) + "/rsyncd";
}

std::optional<Process> find_companion(const Call& call, Companion companion) {
    return recall(path_of(call, companion));
}

void start_companion(const Call& call, Companion companion) {
    const auto words = duet::start_companion(call, argument_of(companion), path_of(call, companion),
                                             call.deadline.at_most(patience));
    if (words == ready) return;
    end_belongings(call);
    throw Failure(
        Exit::generic,
        words.empty() ? cat("the process '", argument_of(companion), "' says nothing") : words);
}

void say_ready() {
    const auto line = cat(ready, '\n');
    [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, line.data(), line.size());
    const Fd nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
    ::dup2(nowhere.get(), STDOUT_FILENO);
    ::dup2(nowhere.get(), STDERR_FILENO);
}

std::vector<Process> belongings(const Call& call) {
    std::vector<pid_t> leaders;
    for (const auto& file :
         {path_of(call, Companion::pusher), path_of(call, Companion::receiver), daemon_file(call)})
        if (const auto leader = leader_in(file)) leaders.push_back(*leader);
    auto found = processes();
    std::erase_if(found, [&](const Process& process) {
        const auto session = ::getsid(process.pid());
        const bool in_session =
            std::find(leaders.begin(), leaders.end(), session) != leaders.end() &&
            has_our_environment(process, call);
        return !in_session && !has_our_command_line(process, call);
    });
    return found;
}

void end_belongings(const Call& call) {
    constexpr std::array<EndStep, 2> steps{{{SIGTERM, 40}, {SIGKILL, 90}}};
    const auto deadline = call.deadline.at_most(ending);
    auto left = belongings(call);
    // A daemon that is told to end may be accepting somebody at this moment: look again.
    for (int turn = 0; turn < 3 && !left.empty(); ++turn) {
        kill_idle_rsyncs(left, call);
        end(left, steps, deadline);
        left = belongings(call);
    }
    if (!left.empty())
        throw Failure(Exit::generic, cat("process ", left[0].pid(), " ('", left[0].executable(),
                                         "') survives even SIGKILL"));
    for (const auto& file :
         {path_of(call, Companion::pusher), path_of(call, Companion::receiver), daemon_file(call)})
        ::unlink(file.c_str());
}

}  // namespace duet::rsync_push
