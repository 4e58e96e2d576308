// SPDX-License-Identifier: GPL-2.0-or-later
#include "ocf.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <system_error>

#include "log.hpp"

namespace duet::ocf {

namespace {

// The last such line on stderr is what crm_mon shows, hence exactly one.
void print_exit_reason(std::string sentence) {
    std::replace(sentence.begin(), sentence.end(), '\n', ' ');
    const char* prefix = std::getenv("OCF_EXIT_REASON_PREFIX");
    std::cerr << (prefix && *prefix ? prefix : "ocf-exit-reason:") << sentence << std::endl;
}

Exit exit_for(const std::error_code& code) {
    return code == std::errc::permission_denied || code == std::errc::operation_not_permitted
               ? Exit::permission
               : Exit::generic;
}

Exit fail(const Call& call, Exit exit, const std::string& sentence) {
    // Pacemaker ignores what notify answers; a failure there is for the log alone.
    if (call.action == "notify") {
        log::error("notify: ", sentence);
        return Exit::success;
    }
    print_exit_reason(sentence);
    // A degraded monitor answers the same again and again; Pacemaker logs it when it changes.
    const bool degraded = exit == Exit::degraded || exit == Exit::degraded_promoted;
    if (!degraded && !(exit == Exit::not_running && call.probe))
        log::error(call.action, ": ", sentence);
    return exit;
}

Exit perform(const Handler& handler, const Call& call, const Environment& environment) {
    try {
        return handler(call, environment);
    } catch (const Failure& failure) {
        return fail(call, failure.exit(), failure.what());
    } catch (const std::system_error& error) {
        return fail(call, exit_for(error.code()), error.what());
    } catch (const std::exception& error) {
        return fail(call, Exit::generic, error.what());
    }
}

Milliseconds advised_timeout(const Description& description, const std::string& action) {
    for (const auto& row : description.actions)
        if (row.name == action) return row.timeout;
    return Milliseconds(20'000);
}

int print(const std::string& text) {
    std::cout << text << std::flush;
    return int(std::cout ? Exit::success : Exit::generic);
}

std::string usage(const Description& description) {
    std::vector<std::string> names;
    for (const auto& row : description.actions)
        if (std::find(names.begin(), names.end(), row.name) == names.end())
            names.push_back(row.name);
    return cat("usage: ", description.name, " {", join(names, "|"), "|--man|--crm|--pcs}\n");
}

}  // namespace

bool is_lenient(const Call& call) {
    return call.action == "stop" || call.action == "demote" || call.action == "notify" ||
           call.probe;
}

void judge(const ParameterProblems& problems, const Call& call) {
    // Without a required parameter nothing can have been started; a probe that answered 6 would
    // make Pacemaker stop, and fence, a resource that never ran.
    if (!problems.missing.empty()) {
        const auto sentence = join(problems.missing, "; ");
        throw Failure(call.probe ? Exit::not_running : Exit::configured, sentence);
    }
    if (problems.malformed.empty()) return;
    const auto sentence = join(problems.malformed, "; ");
    if (!is_lenient(call)) throw Failure(Exit::configured, sentence);
    log::warning(call.action, " goes on with defaults: ", sentence);
}

int run(const Description& description, const Handlers& handlers, int argc, char** argv) {
    const std::string action = argc > 1 ? argv[1] : "";
    if (action == "meta-data") return print(meta_data(description));
    if (action == "--man") return print(manual_page(description));
    if (action == "--crm") return print(crm_snippet(description));
    if (action == "--pcs") return print(pcs_snippet(description));
    if (action == "usage" || action == "help" || action == "--help")
        return print(usage(description));
    const auto handler = handlers(action);
    if (!handler) {
        print_exit_reason(cat("action '", action, "' is unknown: ", trim(usage(description))));
        return int(Exit::unimplemented);
    }
    // A peer that closes its socket is an answer, not a reason to die.
    std::signal(SIGPIPE, SIG_IGN);
    const auto environment = process_environment();
    const auto call =
        read_call(description.name, action, advised_timeout(description, action), environment);
    log::open(cat("duet-", description.name, '(', call.instance, ')'));
    return int(perform(handler, call, environment));
}

}  // namespace duet::ocf
