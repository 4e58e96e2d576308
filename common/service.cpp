// SPDX-License-Identifier: GPL-2.0-or-later
#include "service.hpp"

#include <unistd.h>

#include <array>
#include <csignal>

#include "attribute.hpp"
#include "log.hpp"
#include "process.hpp"
#include "service_start.hpp"
#include "text.hpp"

namespace duet {

namespace {

constexpr int asking_level = 10;
// Each turn looks again after it ended what it saw.
constexpr int most_turns = 3;
// Between SIGTERM, which nothing but a stuck process needs time for, and SIGKILL.
constexpr Milliseconds firm_patience{2'000};

std::string state_name(const Call& call) { return call.instance + "-state"; }

void show(const Call& call, const std::string& state) {
    Attributes(call).set(state_name(call), state);
}

[[noreturn]] void report_absence(const Service& service, const Family::Sight& sight) {
    if (!sight.orphans.empty())
        throw Failure(Exit::generic,
                      cat("the master process of ", service.name, " is gone, and ",
                          sight.orphans.size(), " of its workers are still there"));
    if (sight.starting)
        throw Failure(Exit::generic, cat(service.name, " is starting and not there yet"));
    throw Failure(Exit::not_running, cat(service.name, " is not running"));
}

Exit report(const Verdict& verdict) {
    if (verdict.health == Health::good) return Exit::success;
    throw Failure(verdict.health == Health::slow ? Exit::degraded : Exit::generic,
                  verdict.sentence);
}

void end_members(const Service& service, const std::vector<Process>& members,
                 const Deadline& deadline) {
    static constexpr std::array<EndStep, 1> gently{{{SIGQUIT, 100}}}, firmly{{{SIGTERM, 100}}},
        hard{{{SIGKILL, 100}}};
    if (end(members, gently, deadline.share(60).at_most(service.drain))) return;
    log::warning(service.name, " did not end within ", format_duration(service.drain),
                 "; it is ended by force");
    if (!end(members, firmly, deadline.share(50).at_most(firm_patience)))
        end(members, hard, deadline.share(80));
}

}  // namespace

Exit stop_service(const Service& service, const Call& call) {
    Family family(service.marks, run_directory(call));
    auto members = family.members();
    for (int turn = 0; !members.empty(); ++turn) {
        if (turn == most_turns || call.deadline.expired())
            throw Failure(Exit::generic, cat(members.size(), " processes of ", service.name,
                                             " are still there, the first is ", members[0].pid()));
        end_members(service, members, call.deadline);
        members = family.members();
        if (members.empty()) log::info("stopped ", service.name);
    }
    family.forget();
    Attributes attributes(call);
    const auto name = state_name(call);
    attributes.set(name, state_after_stop(attributes.last_written(name)));
    return Exit::success;
}

Exit monitor_service(const Service& service, const Call& call) {
    Family family(service.marks, run_directory(call));
    if (!family.remembered_master()) {
        const auto sight = family.look();
        if (!sight.master) {
            if (call.probe && sight.empty()) return Exit::not_running;
            if (!call.probe) show(call, "broken");
            report_absence(service, sight);
        }
    }
    // A probe looks and writes nothing.
    if (call.probe) return Exit::success;
    Attributes attributes(call);
    const auto name = state_name(call);
    if (call.check_level < asking_level) {
        attributes.set(name, state_after_glance(attributes.last_written(name)));
        return Exit::success;
    }
    const auto verdict = service.ask(call.deadline);
    attributes.set(name, state_after_asking(verdict.health));
    return report(verdict);
}

Exit start_service(const Service& service, const Call& call) {
    Start start(service, call);
    start.run();
    show(call, "ok");
    return Exit::success;
}

Exit reload_service(const Service& service, const Call& call) {
    Family family(service.marks, run_directory(call));
    const auto master = family.look().master;
    if (!master) throw Failure(Exit::not_running, cat(service.name, " is not running"));
    test_configuration(service, call.deadline);
    master->signal(service.reload_signal);
    log::info(service.name, " was told to take its configuration over");
    return Exit::success;
}

Exit adopt_parameters(const Service& service, const Call& call) {
    Family family(service.marks, run_directory(call));
    if (!family.look().master)
        throw Failure(Exit::not_running, cat(service.name, " is not running"));
    return Exit::success;
}

Exit validate_service(const Service& service, const Call& call) {
    if (call.check_level < asking_level) return Exit::success;
    test_configuration(service, call.deadline);
    return Exit::success;
}

}  // namespace duet
