// SPDX-License-Identifier: GPL-2.0-or-later
#include "service_start.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "file.hpp"
#include "listening.hpp"
#include "log.hpp"
#include "process.hpp"
#include "text.hpp"

namespace duet {

namespace {

// From the moment on when the program has been run: to come up, and to answer as it should.
constexpr Milliseconds patience{10'000};
constexpr Milliseconds glance{20};
// Nobody directs them any more, and nobody else can serve while they hold the port.
constexpr Milliseconds orphan_drain{1'000};

std::string program_of(const Service& service) {
    const auto program = find_program(service.marks.binary);
    if (!program)
        throw Failure(Exit::installed, cat("the server '", service.marks.binary,
                                           "' (parameter 'binary') is not installed"));
    return *program;
}

std::vector<std::string> command(const Service& service,
                                 const std::vector<std::string>& arguments) {
    std::vector<std::string> argv{program_of(service)};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return argv;
}

// The unit of the distribution that a process belongs to; what Pacemaker starts is in Pacemaker's.
std::string foreign_unit(const Process& process) {
    const auto groups = read_file(cat("/proc/", process.pid(), "/cgroup")).value_or("");
    const auto own = read_file("/proc/self/cgroup").value_or("");
    if (groups == own) return {};
    for (const auto& line : split(groups, '\n'))
        if (line.ends_with(".service") && line.find("/system.slice/") != std::string::npos) {
            const auto unit = line.substr(line.rfind('/') + 1);
            if (unit != "pacemaker.service") return unit;
        }
    return {};
}

}  // namespace

void test_configuration(const Service& service, const Deadline& deadline) {
    const auto argv = command(service, service.test_arguments);
    const auto& config = service.marks.config;
    if (::access(config.c_str(), R_OK) != 0)
        throw Failure(Exit::args,
                      cat("the configuration '", config, "' (parameter 'config') cannot be read"));
    const auto ended = run(argv, deadline);
    if (ended.succeeded()) return;
    if (ended.timed_out)
        throw Failure(Exit::generic, cat(service.name, " did not test '", config, "' in time"));
    // Wrong on this server only, as far as anybody knows.
    throw Failure(Exit::installed, cat(service.name, " refuses '", config, "': ",
                                       service.message(ended.err + ended.out)));
}

Start::Start(const Service& service, const Call& call)
    : service_(service),
      call_(call),
      folder_(run_directory(call)),
      family_(service.marks, folder_),
      patience_(call.deadline.at_most(patience)) {}

void Start::run() {
    for (;;) {
        switch (look()) {
            case StartStep::done: return;
            case StartStep::end_orphans: end_orphans(); break;
            case StartStep::spawn: spawn(); break;
            case StartStep::ask: ask(); break;
            case StartStep::wait:
                view_.asked = false;
                patience_.pause(glance, service_.name);
                break;
            case StartStep::fail: fail();
        }
    }
}

StartStep Start::look() {
    auto sight = family_.look();
    view_.master = sight.master.has_value();
    view_.starting = sight.starting;
    view_.orphans = !sight.orphans.empty();
    view_.failed = child_failed();
    view_.late = patience_.expired();
    if (view_.master && !view_.spawned)
        if (const auto unit = foreign_unit(*sight.master); !unit.empty())
            throw Failure(Exit::args,
                          cat(service_.name, " with this configuration runs as the system's unit '",
                              unit, "': disable and stop that, only the cluster may start it"));
    orphans_ = std::move(sight.orphans);
    return toward_started(view_);
}

void Start::spawn() {
    if (service_.prepare) service_.prepare();
    test_configuration(service_, call_.deadline);
    const auto output = folder_ + "/output";
    const Fd file(::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
    if (!file) throw_errno(cat("open '", output, "'"));
    RunOptions options;
    options.log_fd = file.get();
    child_ = start_daemon(command(service_, service_.start_arguments), options);
    view_.spawned = true;
    patience_ = call_.deadline.at_most(patience);
}

// What was spawned is our child, and still is after it ended.
bool Start::child_failed() {
    if (child_ <= 0) return view_.failed;
    int status = 0;
    if (::waitpid(child_, &status, WNOHANG) != child_) return false;
    child_ = -1;
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

void Start::ask() {
    verdict_ = service_.ask(patience_);
    view_.asked = true;
    view_.good = verdict_.health != Health::bad;
}

void Start::end_orphans() {
    static constexpr std::array<EndStep, 1> gently{{{SIGQUIT, 100}}};
    static constexpr std::array<EndStep, 1> firmly{{{SIGKILL, 100}}};
    log::warning("ending ", orphans_.size(), " workers of ", service_.name,
                 " whose master process is gone");
    if (end(orphans_, gently, call_.deadline.at_most(orphan_drain))) return;
    if (!end(orphans_, firmly, call_.deadline.share(50)))
        throw Failure(Exit::generic, cat("worker ", orphans_[0].pid(), " of ", service_.name,
                                         " survives even SIGKILL"));
}

std::string Start::words() const {
    return service_.message(read_file(folder_ + "/output").value_or(""));
}

void Start::fail() const {
    if (view_.failed) {
        const auto holder = who_listens(service_.marks.places);
        throw Failure(Exit::generic, cat(service_.name, " did not start: ", words(),
                                         holder.empty() ? "" : cat("; the port is held by ", holder)));
    }
    if (!verdict_.sentence.empty())
        throw Failure(Exit::generic, cat(service_.name, " was started, but ", verdict_.sentence));
    const auto said = words();
    throw Failure(Exit::generic, cat(service_.name, " did not come up in time",
                                     said.empty() ? "" : ": ", said));
}

}  // namespace duet
