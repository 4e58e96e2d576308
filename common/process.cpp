// SPDX-License-Identifier: GPL-2.0-or-later
#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "failure.hpp"
#include "pidfd.hpp"
#include "text.hpp"

extern char** environ;

namespace duet {

namespace {

struct Pipe {
    Fd read, write;
};

Pipe make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("make a pipe");
    return {Fd(ends[0]), Fd(ends[1])};
}

// True when one of `variables` has the name of `variable`, both "NAME=value".
bool names(const std::vector<std::string>& variables, std::string_view variable) {
    const auto name = variable.substr(0, variable.find('=') + 1);
    for (const auto& candidate : variables)
        if (candidate.starts_with(name)) return true;
    return false;
}

class SpawnSetup {
  public:
    SpawnSetup(short extra_flags) {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setflags(&attributes, short(POSIX_SPAWN_SETSIGMASK |
                                                      POSIX_SPAWN_SETSIGDEF | extra_flags));
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;
    ~SpawnSetup() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
    void redirect(int from, int to) {
        if (from >= 0) {
            ::posix_spawn_file_actions_adddup2(&actions, from, to);
        } else {
            ::posix_spawn_file_actions_addopen(&actions, to, "/dev/null",
                                               to == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
        }
    }
    pid_t spawn(const std::vector<std::string>& argv, const std::vector<std::string>& extra) {
        // What Pacemaker or a shell left open to us is none of a daemon's business.
        ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
        std::vector<char*> arguments, variables;
        for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
        arguments.push_back(nullptr);
        for (const auto& variable : extra) variables.push_back(const_cast<char*>(variable.c_str()));
        // Of two equal names getenv takes the first and some shells the last.
        for (char** variable = environ; *variable; ++variable)
            if (!names(extra, *variable)) variables.push_back(*variable);
        variables.push_back(nullptr);
        pid_t pid = -1;
        const int error = ::posix_spawnp(&pid, arguments[0], &actions, &attributes,
                                         arguments.data(), variables.data());
        if (error)
            throw Failure(error == EACCES ? Exit::permission : Exit::installed,
                          cat("could not run '", argv[0], "': ", std::strerror(error)));
        return pid;
    }

  private:
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

// Reads what is there; closes the descriptor at its end.
void drain(Fd& from, std::string& into, std::size_t limit) {
    std::array<char, 16384> block;
    const auto count = ::read(from.get(), block.data(), block.size());
    if (count > 0) {
        const auto room = limit - std::min(limit, into.size());
        into.append(block.data(), std::min<std::size_t>(std::size_t(count), room));
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        from.reset();
    }
}

void feed(Fd& to, std::string_view& rest) {
    const auto count = ::write(to.get(), rest.data(), rest.size());
    if (count > 0) rest.remove_prefix(std::size_t(count));
    if (rest.empty() || (count < 0 && errno != EAGAIN && errno != EINTR)) to.reset();
}

void set_nonblocking(const Fd& fd) { ::fcntl(fd.get(), F_SETFL, O_NONBLOCK); }

// A child of ours with its pipes, waited for in one poll loop.
class Child {
  public:
    Child(const std::vector<std::string>& argv, const RunOptions& options) : rest_(options.input), limit_(options.output_limit) {
        auto in = make_pipe(), out = make_pipe(), err = make_pipe();
        SpawnSetup setup(POSIX_SPAWN_SETPGROUP);
        setup.redirect(in.read.get(), STDIN_FILENO);
        setup.redirect(out.write.get(), STDOUT_FILENO);
        setup.redirect(err.write.get(), STDERR_FILENO);
        pid_ = setup.spawn(argv, options.environment);
        pidfd_ = Fd(::pidfd_open(pid_, 0));
        in_ = std::move(in.write);
        out_ = std::move(out.read);
        err_ = std::move(err.read);
        for (const auto* fd : {&in_, &out_, &err_}) set_nonblocking(*fd);
        if (rest_.empty()) in_.reset();
    }

    // True when the child has ended.
    bool wait(const Deadline& deadline, Ended& ended) {
        for (;;) {
            std::array<pollfd, 4> fds{{{pidfd_.get(), POLLIN, 0},
                                       {out_.get(), POLLIN, 0},
                                       {err_.get(), POLLIN, 0},
                                       {in_.get(), POLLOUT, 0}}};
            const int ready = ::poll(fds.data(), fds.size(), int(deadline.remaining().count()));
            if (ready < 0 && errno != EINTR) throw_errno("wait for a program");
            if (ready == 0) return false;
            if (ready < 0) continue;
            if (fds[1].revents) drain(out_, ended.out, limit_);
            if (fds[2].revents) drain(err_, ended.err, limit_);
            if (fds[3].revents) feed(in_, rest_);
            if (fds[0].revents) return true;
        }
    }

    void kill_group(int signal) { ::kill(-pid_, signal); }

    void reap(Ended& ended) {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
        if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
        for (auto [fd, text] : {std::pair{&out_, &ended.out}, std::pair{&err_, &ended.err}})
            while (*fd) {
                const auto before = text->size();
                drain(*fd, *text, limit_);
                if (text->size() == before) break;
            }
    }

  private:
    pid_t pid_ = -1;
    Fd pidfd_, in_, out_, err_;
    std::string_view rest_;
    std::size_t limit_;
};

std::string last_line(std::string_view text) {
    std::string last;
    for (const auto& line : split(text, '\n'))
        if (!trim(line).empty()) last = trim(line);
    return last;
}

}  // namespace

std::string Ended::last_words() const {
    const auto words = last_line(err);
    return words.empty() ? last_line(out) : words;
}

std::string Ended::how() const {
    if (timed_out) return "did not end in time";
    if (signal) return cat("was ended by signal ", signal);
    return cat("exited with ", exit_code);
}

Ended run(const std::vector<std::string>& argv, const Deadline& deadline,
          const RunOptions& options) {
    Ended ended;
    Child child(argv, options);
    if (!child.wait(deadline, ended)) {
        ended.timed_out = true;
        child.kill_group(SIGTERM);
        if (!child.wait(Deadline::after(Milliseconds(1000)), ended)) {
            child.kill_group(SIGKILL);
            // A process in uninterruptible sleep outlives even this; it is left to init.
            if (!child.wait(Deadline::after(Milliseconds(1000)), ended)) return ended;
        }
    }
    child.reap(ended);
    return ended;
}

pid_t start_daemon(const std::vector<std::string>& argv, const RunOptions& options) {
    SpawnSetup setup(POSIX_SPAWN_SETSID);
    setup.redirect(-1, STDIN_FILENO);
    setup.redirect(options.log_fd, STDOUT_FILENO);
    setup.redirect(options.log_fd, STDERR_FILENO);
    return setup.spawn(argv, options.environment);
}

}  // namespace duet
