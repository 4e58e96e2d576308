// SPDX-License-Identifier: GPL-2.0-or-later
#include "sandbox.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "failure.hpp"
#include "file.hpp"
#include "text.hpp"

extern char** environ;

namespace duet::test {

namespace {

constexpr int skipped = 77;
constexpr auto agent_folder = "/usr/lib/ocf/resource.d";
constexpr Milliseconds patience{60'000};

void mount_over(const char* what, const char* where, const char* type, const std::string& options) {
    if (::mount(what, where, type, 0, options.c_str()) != 0)
        throw_errno(cat("mount ", type, " on ", where));
}

void hide_host() {
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        throw_errno("make mounts private");
    mount_over("proc", "/proc", "proc", "");
    mount_over("none", "/run", "tmpfs", "mode=0755");
    mount_over("none", "/dev/shm", "tmpfs", "mode=1777");
    ::mkdir("/run/duet-sandbox", 0755);
    int number = 0;
    for (const char* folder : {"/etc", "/var/lib", "/var/log", agent_folder}) {
        if (::access(folder, F_OK) != 0) continue;
        const auto upper = cat("/run/duet-sandbox/upper", ++number);
        const auto work = cat("/run/duet-sandbox/work", number);
        ::mkdir(upper.c_str(), 0755);
        ::mkdir(work.c_str(), 0755);
        mount_over("none", folder, "overlay",
                   cat("lowerdir=", folder, ",upperdir=", upper, ",workdir=", work));
    }
}

// What a cluster or a shell around the test said to its children is not for ours.
void forget_environment() {
    std::vector<std::string> names;
    for (char** variable = environ; *variable; ++variable) {
        const auto words = split(*variable, '=');
        if (words[0].starts_with("OCF_") || words[0].starts_with("HA_") ||
            words[0].starts_with("PCMK_"))
            names.push_back(words[0]);
    }
    for (const auto& name : names) ::unsetenv(name.c_str());
}

int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128; }

// Process 1 of the new namespace: buries orphans, ends with its child, and all others with it.
[[noreturn]] void be_init(int (*body)()) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const pid_t child = ::fork();
    if (child == 0) {
        int result = 1;
        try {
            hide_host();
            forget_environment();
            result = body();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "sandbox: %s\n", error.what());
        }
        std::fflush(nullptr);
        ::_exit(result);
    }
    for (;;) {
        int status = 0;
        const pid_t ended = ::wait(&status);
        if (ended == child) ::_exit(exit_code(status));
        if (ended < 0 && errno != EINTR) ::_exit(1);
    }
}

}  // namespace

int in_sandbox(int (*body)()) {
    if (::geteuid() != 0) {
        std::puts("skipped: needs root");
        return skipped;
    }
    std::fflush(nullptr);
    if (::unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS) != 0)
        throw_errno("make namespaces");
    const pid_t init = ::fork();
    if (init == 0) be_init(body);
    int status = 0;
    while (::waitpid(init, &status, 0) < 0 && errno == EINTR) {
    }
    return exit_code(status);
}

int run_all_tests_in_sandbox(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    return in_sandbox([] { return RUN_ALL_TESTS(); });
}

std::string must(const std::vector<std::string>& argv) {
    const auto ended = run(argv, Deadline::after(patience));
    if (!ended.succeeded())
        throw std::runtime_error(cat(join(argv, " "), " ", ended.how(), ": ", ended.last_words()));
    return ended.out;
}

std::string must(const std::string& line) { return must(split_words(line)); }

void make_lan() {
    must("ip link set lo up");
    must("ip link add lan0 type bridge");
    must("ip link add eth0 type veth peer name port0");
    must("ip link set port0 master lan0");
    for (const char* link : {"lan0", "eth0", "port0"}) must(cat("ip link set ", link, " up"));
    must("ip addr add 192.0.2.11/24 dev eth0");
    must("ip addr add 2001:db8::11/64 dev eth0 nodad");
}

std::string built_agent(const std::string& name) {
    return cat(DUET_BUILT_AGENTS, '/', name, '/', name);
}

void install_agents(const std::vector<std::string>& names) {
    const auto folder = cat(agent_folder, "/duet");
    ::mkdir(folder.c_str(), 0755);
    for (const auto& name : names) {
        const auto place = installed_agent(name);
        replace_file(place, "", Durability::none, 0755);
        if (::mount(built_agent(name).c_str(), place.c_str(), nullptr, MS_BIND, nullptr) != 0)
            throw_errno(cat("bind ", built_agent(name)));
    }
}

std::string installed_agent(const std::string& name) {
    return cat(agent_folder, "/duet/", name);
}

Ended AgentCall::operator()(const std::string& action) const {
    RunOptions options;
    options.environment = environment;
    options.environment.push_back("OCF_RESOURCE_INSTANCE=" + instance);
    for (const auto& [name, value] : parameters)
        options.environment.push_back(cat("OCF_RESKEY_", name, '=', value));
    return run({program, action}, Deadline::after(patience), options);
}

Ended AgentCall::monitor(int level) const {
    auto call = *this;
    call.environment.push_back("OCF_RESKEY_CRM_meta_interval=10000");
    call.environment.push_back(cat("OCF_CHECK_LEVEL=", level));
    return call("monitor");
}

std::vector<std::string> exit_reasons(const Ended& ended) {
    std::vector<std::string> reasons;
    constexpr std::string_view prefix = "ocf-exit-reason:";
    for (const auto& line : split(ended.err, '\n'))
        if (line.starts_with(prefix)) reasons.push_back(line.substr(prefix.size()));
    return reasons;
}

}  // namespace duet::test
