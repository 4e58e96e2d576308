// SPDX-License-Identifier: GPL-2.0-or-later
#include "spawn.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "failure.hpp"
#include "fd.hpp"

namespace duet::lab {

pid_t spawn_in_namespaces(unsigned long flags, const std::vector<std::string>& argv,
                          const std::string& log) {
    Fd out(open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!out) throw_errno("open '" + log + "'");
    Fd in(open("/dev/null", O_RDONLY | O_CLOEXEC));
    std::vector<char*> arguments;
    for (const auto& word : argv) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    static const char* environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
                                        "LC_ALL=C.UTF-8", "TERM=dumb", nullptr};

    // A fork that also makes the namespaces, so that the child is process 1 of the new one.
    const long pid = syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    if (pid < 0) throw_errno("make namespaces for '" + argv[0] + "'");
    if (pid > 0) return static_cast<pid_t>(pid);

    setsid();
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    dup2(in.get(), 0);
    dup2(out.get(), 1);
    dup2(out.get(), 2);
    // What is mounted here must not reach the machine.
    if ((flags & CLONE_NEWNS) && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        _exit(126);
    if (chdir("/") != 0) _exit(126);
    execve(arguments[0], arguments.data(), const_cast<char**>(environment));
    _exit(127);
}

}  // namespace duet::lab
