// SPDX-License-Identifier: GPL-2.0-or-later
#include "piped.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "failure.hpp"
#include "pidfd.hpp"
#include "text.hpp"

extern char** environ;

namespace duet {

Piped::Piped(const std::vector<std::string>& argv, PipeEnd end, int log_fd) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("make a pipe");
    Fd read(ends[0]), write(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (end == PipeEnd::output) {
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, write.get(), STDOUT_FILENO);
    } else {
        ::posix_spawn_file_actions_adddup2(&actions, read.get(), STDIN_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, log_fd, STDOUT_FILENO);
    }
    ::posix_spawn_file_actions_adddup2(&actions, log_fd, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    std::vector<char*> arguments;
    for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    const int error = ::posix_spawnp(&pid_, arguments[0], &actions, &attributes, arguments.data(),
                                     environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (error)
        throw Failure(Exit::installed,
                      cat("could not run '", argv[0], "': ", std::strerror(error)));
    pidfd_ = Fd(::pidfd_open(pid_, 0));
    pipe_ = end == PipeEnd::output ? std::move(read) : std::move(write);
}

Piped::~Piped() {
    if (pid_ > 0) finish(Deadline::after(Milliseconds(0)));
}

Ended Piped::finish(const Deadline& deadline) {
    Ended ended;
    pipe_.reset();
    pollfd fd{pidfd_.get(), POLLIN, 0};
    int ready = 0;
    do {
        ready = ::poll(&fd, 1, int(deadline.remaining().count()));
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0) {
        ended.timed_out = true;
        ::pidfd_send_signal(pidfd_.get(), SIGKILL, nullptr, 0);
    }
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
    return ended;
}

}  // namespace duet
