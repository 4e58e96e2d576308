// SPDX-License-Identifier: GPL-2.0-or-later
#include "family.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "listening.hpp"
#include "text.hpp"

namespace duet {

namespace {

std::string name_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

// A container on this machine may run the same program with the same words: its paths mean others.
bool is_in_our_pid_namespace(const Process& process) {
    struct stat own {
    }, other{};
    return ::stat("/proc/self/ns/pid", &own) == 0 &&
           ::stat(cat("/proc/", process.pid(), "/ns/pid").c_str(), &other) == 0 &&
           own.st_ino == other.st_ino;
}

}  // namespace

// An absolute path where the program is known, or was when it was started; else a name.
Family::Family(Marks marks, const std::string& folder)
    : marks_(std::move(marks)), memory_(folder + "/master"), notes_(folder + "/family") {
    const auto found = find_program(marks_.binary);
    program_ = found ? *found : notes_.get("program").value_or(name_of(marks_.binary));
}

bool Family::is_ours(const Process& process) const {
    const auto executable = process.executable();
    const bool named =
        program_.starts_with('/') ? executable == program_ : name_of(executable) == program_;
    return named && is_in_our_pid_namespace(process);
}

std::optional<Process> Family::remembered_master() const {
    auto process = recall(memory_);
    if (!process) return std::nullopt;
    const auto words = process->command_line();
    // A php-fpm that takes over a new configuration shows for a moment how it was called.
    if (marks_.is_master(words, marks_.config) || marks_.is_starting(words, marks_.config))
        return process;
    return std::nullopt;
}

// Its parent is no process of the same program any more.
bool Family::is_orphan(const Process& process) const {
    if (!marks_.is_worker(process.command_line())) return false;
    const auto parent = Process::open(process.parent());
    return !parent || !is_ours(*parent);
}

namespace {

// A worker bears its master's title for a moment, until it has set its own.
std::optional<std::size_t> first_of(const std::vector<Process>& titled) {
    for (std::size_t i = 0; i < titled.size(); ++i)
        if (std::none_of(titled.begin(), titled.end(), [&](const Process& other) {
                return other.pid() == titled[i].parent();
            }))
            return i;
    return std::nullopt;
}

}  // namespace

void Family::remember_session(const Process& master) {
    notes_.set("session", cat(::getsid(master.pid())));
    notes_.set("program", master.executable());
}

Family::Sight Family::look() {
    Sight sight;
    const auto session = parse_integer(notes_.get("session").value_or(""));
    const auto inodes = listening_inodes(marks_.places);
    std::vector<Process> titled;
    for (auto& process : processes()) {
        if (!is_ours(process)) continue;
        const auto words = process.command_line();
        if (marks_.is_master(words, marks_.config)) {
            titled.push_back(std::move(process));
        } else if (marks_.is_starting(words, marks_.config)) {
            sight.starting = true;
        } else if (is_orphan(process) && ((session && ::getsid(process.pid()) == *session) ||
                                          holds_one_of(process, inodes))) {
            sight.orphans.push_back(std::move(process));
        }
    }
    if (const auto master = first_of(titled)) {
        remember(memory_, titled[*master]);
        remember_session(titled[*master]);
        sight.master = std::move(titled[*master]);
    }
    return sight;
}

std::vector<Process> Family::members() {
    auto sight = look();
    std::vector<Process> members;
    const auto master = sight.master ? sight.master->pid() : -1;
    if (sight.master) members.push_back(std::move(*sight.master));
    for (auto& orphan : sight.orphans) members.push_back(std::move(orphan));
    for (auto& process : processes())
        if (is_ours(process) && ((master > 0 && process.parent() == master) ||
                                 marks_.is_starting(process.command_line(), marks_.config)))
            members.push_back(std::move(process));
    return members;
}

void Family::forget() {
    ::unlink(memory_.c_str());
    notes_.erase("session");
}

}  // namespace duet
