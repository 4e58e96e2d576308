// SPDX-License-Identifier: GPL-2.0-or-later
#include "server.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>

#include "dialect.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "log.hpp"
#include "process.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

std::string real_path(const std::string& path) {
    char real[PATH_MAX];
    return ::realpath(path.c_str(), real) ? real : path;
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool is_server_name(const std::string& name) { return name == "mariadbd" || name == "mysqld"; }

bool is_server(const Process& process, const std::string& datadir) {
    return is_server_name(name_of(process.executable())) && process.working_directory() == datadir;
}

std::size_t size_of(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? std::size_t(status.st_size) : 0;
}

// /run is empty after a boot and the distribution's unit, which would make it, is disabled.
void make_folder_for(const std::string& file, const std::string& user) {
    const auto folder = file.substr(0, file.rfind('/'));
    if (folder.empty() || ::mkdir(folder.c_str(), 0755) != 0) return;
    if (const auto* account = ::getpwnam(user.c_str()))
        if (::chown(folder.c_str(), account->pw_uid, account->pw_gid) != 0)
            log::warning("could not give '", folder, "' to ", user);
}

void require(bool good, Exit exit, const std::string& sentence) {
    if (!good) throw Failure(exit, sentence);
}

std::string version_of(const std::string& program) {
    const auto ended = run({program, "--no-defaults", "--version"},
                           Deadline::after(std::chrono::milliseconds(10'000)));
    require(ended.succeeded(), Exit::installed,
            cat("'", program, "' (parameter 'binary') does not run: ", ended.last_words()));
    return ended.out;
}

// MySQL takes the lock's owner for alive when any process has its number by now.
void remove_stale_lock(const std::string& socket) {
    const auto path = socket + ".lock";
    const auto pid = parse_integer(trim(read_file(path).value_or("")));
    if (!pid) return;
    const auto owner = Process::open(pid_t(*pid));
    if (owner && is_server_name(name_of(owner->executable()))) return;
    if (::unlink(path.c_str()) == 0) log::info("removed '", path, "' of a server that is gone");
}

}  // namespace

Server::Server(const Config& config, std::string memory)
    : config_(config), memory_(std::move(memory)) {}

std::optional<Process> Server::find() {
    const auto datadir = real_path(config_.datadir);
    if (auto process = recall(memory_))
        if (is_server(*process, datadir) || is_half_dead(*process)) return process;
    for (auto& process : processes()) {
        if (!is_server(process, datadir)) continue;
        remember(memory_, process);
        return std::move(process);
    }
    return std::nullopt;
}

Process Server::start(RecoveryRole role) {
    const auto program = find_program(config_.binary);
    require(program.has_value(), Exit::installed,
            cat("the server '", config_.binary, "' (parameter 'binary') is not installed"));
    require(::access(config_.config.c_str(), R_OK) == 0, Exit::args,
            cat("the configuration '", config_.config, "' (parameter 'config') cannot be read"));
    const auto& words = dialect_of_program(version_of(*program));
    require(::access((config_.datadir + "/mysql").c_str(), F_OK) == 0, Exit::args,
            cat("the data directory '", config_.datadir,
                "' (parameter 'datadir') holds no database: run ", words.set_up, " first"));
    make_folder_for(config_.socket, config_.user);
    make_folder_for(config_.log, config_.user);
    remove_stale_lock(config_.socket);
    log_size_ = size_of(config_.log);
    // The log is opened here so that what the server says before it opens its own is kept, too.
    const Fd log(::open(config_.log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
    if (const auto* account = ::getpwnam(config_.user.c_str()); account && log)
        if (::fchown(log.get(), account->pw_uid, account->pw_gid) != 0)
            log::warning("could not give '", config_.log, "' to ", config_.user);
    RunOptions options;
    options.log_fd = log.get();
    std::vector<std::string> line{
        *program, cat("--defaults-file=", config_.config), cat("--datadir=", config_.datadir),
        cat("--socket=", config_.socket), cat("--user=", config_.user),
        cat("--log-error=", config_.log)};
    for (const auto* option = words.closed_options; *option; ++option) line.push_back(*option);
    if (words.recovery_option)
        line.push_back(cat(words.recovery_option, role == RecoveryRole::replica
                                                      ? words.recovery_replica
                                                      : words.recovery_source));
    const auto pid = start_daemon(line, options);
    auto process = Process::open(pid);
    require(process.has_value(), Exit::generic,
            cat("'", *program, "' ended at once: ", first_error()));
    remember(memory_, *process);
    return std::move(*process);
}

std::string Server::first_error() const {
    const Fd log(::open(config_.log.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 65536> block;
    const auto count = log ? ::pread(log.get(), block.data(), block.size(), off_t(log_size_)) : 0;
    if (count <= 0) return {};
    for (const auto& line : split(std::string_view(block.data(), std::size_t(count)), '\n'))
        if (const auto mark = line.find("[ERROR] "); mark != std::string::npos)
            return line.substr(mark + 8);
    return {};
}

bool is_half_dead(const Process& process) {
    return process.executable().empty() && process.alive();
}

// Giving back hundreds of GB of memory takes a few seconds. What survives SIGKILL for longer waits for
// a disk that does not answer, and only fencing ends it.
constexpr Milliseconds longest_death{10'000};

bool shut_down(const Process& process, const Deadline& deadline) {
    static constexpr std::array<EndStep, 2> steps{{{SIGTERM, 80}, {SIGKILL, 100}}};
    return end({&process, 1}, steps, deadline);
}

bool end_hard(const Process& process, const Deadline& deadline) {
    static constexpr std::array<EndStep, 1> steps{{{SIGKILL, 100}}};
    return end({&process, 1}, steps, deadline.at_most(longest_death));
}

}  // namespace duet::mysql
