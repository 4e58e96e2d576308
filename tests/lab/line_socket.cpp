// SPDX-License-Identifier: GPL-2.0-or-later
#include "line_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

#include "failure.hpp"
#include "text.hpp"

namespace duet::lab {

namespace {

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw_errno(ENAMETOOLONG, cat("use '", path, "'"));
    path.copy(address.sun_path, path.size());
    return address;
}

// Nothing when the time is over; the text may be empty when the other side hung up.
bool read_until_line_end(int fd, const Deadline& deadline, std::string& text) {
    char buffer[512];
    while (text.find('\n') == std::string::npos) {
        pollfd poller{fd, POLLIN, 0};
        const int ready = poll(&poller, 1, static_cast<int>(deadline.remaining().count()));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return false;
        const ssize_t got = read(fd, buffer, sizeof buffer);
        if (got <= 0) break;
        text.append(buffer, static_cast<std::size_t>(got));
    }
    text.resize(std::min(text.find('\n'), text.size()));
    return true;
}

}  // namespace

Fd listen_at(const std::string& path) {
    Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) throw_errno("make a socket");
    const sockaddr_un address = address_of(path);
    unlink(path.c_str());
    if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(fd.get(), 16) != 0)
        throw_errno(cat("listen at '", path, "'"));
    return fd;
}

std::string read_line(int fd) {
    std::string text;
    return read_until_line_end(fd, Deadline::after(Milliseconds(1000)), text) ? text : "";
}

void write_line(int fd, const std::string& line) {
    const std::string text = line + "\n";
    // Whoever asked may be gone, killed by what he asked for.
    [[maybe_unused]] const ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
}

std::string ask(const std::string& path, const std::string& request, const Deadline& deadline) {
    Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) throw_errno("make a socket");
    const sockaddr_un address = address_of(path);
    if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw Failure(Exit::generic, cat("nobody listens at '", path, "'"));
    write_line(fd.get(), request);
    std::string answer;
    if (!read_until_line_end(fd.get(), deadline, answer) || answer.empty())
        throw Failure(Exit::generic, cat("no answer to '", request, "' from '", path, "'"));
    if (answer.rfind("ok", 0) == 0) return std::string(trim(answer.substr(2)));
    throw Failure(Exit::generic, answer.rfind("error ", 0) == 0 ? answer.substr(6) : answer);
}

}  // namespace duet::lab
