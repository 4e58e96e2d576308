// SPDX-License-Identifier: GPL-2.0-or-later
#include "companion.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "daemon.hpp"
#include "failure.hpp"
#include "process.hpp"
#include "text.hpp"

namespace duet {

namespace {

// What came through the pipe until the first line's end, its other end's end, or the deadline.
std::string first_line(const Fd& pipe, const Deadline& deadline) {
    std::string text;
    while (text.find('\n') == std::string::npos) {
        pollfd waiting{pipe.get(), POLLIN, 0};
        const int ready = ::poll(&waiting, 1, int(deadline.remaining().count()));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) break;
        std::array<char, 512> block;
        const auto size = ::read(pipe.get(), block.data(), block.size());
        if (size <= 0) break;
        text.append(block.data(), std::size_t(size));
    }
    return std::string(trim(text));
}

}  // namespace

std::string own_program() {
    std::array<char, 4096> path;
    const auto size = ::readlink("/proc/self/exe", path.data(), path.size());
    const std::string program(path.data(), std::size_t(std::max<ssize_t>(size, 0)));
    // Replaced by an upgrade since this process began.
    return ::access(program.c_str(), X_OK) == 0 ? program : "/proc/self/exe";
}

std::string start_companion(const Call& call, const std::string& argument, const std::string& file,
                            const Deadline& deadline) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("make a pipe");
    const Fd read(ends[0]);
    Fd write(ends[1]);
    RunOptions options;
    options.log_fd = write.get();
    // The clone's number, where there is one, is no part of the name.
    options.environment = {cat("OCF_RESOURCE_INSTANCE=", call.instance)};
    const auto pid = start_daemon({own_program(), argument, call.instance}, options);
    write.reset();
    if (const auto process = Process::open(pid)) remember(file, *process);
    return first_line(read, deadline);
}

}  // namespace duet
