// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink.hpp"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>

#include "failure.hpp"

namespace duet::vip {

namespace {

// The kernel answers at once; this only keeps a broken one from holding us for ever.
constexpr timeval patience{5, 0};
// A table that changes faster than it can be read is taken as it is.
constexpr int dump_attempts = 10;
constexpr std::size_t buffer_size = 64 * 1024;

}  // namespace

Request::Request(std::uint16_t type, std::uint16_t flags) {
    std::memset(room_, 0, sizeof room_);
    header_ = ::mnl_nlmsg_put_header(room_);
    header_->nlmsg_type = type;
    header_->nlmsg_flags = std::uint16_t(NLM_F_REQUEST | flags);
}

void* Request::extra(std::size_t size) { return ::mnl_nlmsg_put_extra_header(header_, size); }

Netlink::Netlink(int bus, unsigned groups)
    : socket_(::mnl_socket_open2(bus, SOCK_CLOEXEC)), buffer_(buffer_size) {
    if (!socket_) throw_errno("open a netlink socket");
    ::setsockopt(fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    // Filters in dump requests count only with this; an older kernel ignores them.
    const int on = 1;
    ::setsockopt(fd(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
    if (::mnl_socket_bind(socket_, groups, MNL_SOCKET_AUTOPID) < 0) {
        const int error = errno;
        ::mnl_socket_close(socket_);
        throw_errno(error, "bind a netlink socket");
    }
}

Netlink::~Netlink() { ::mnl_socket_close(socket_); }

int Netlink::fd() const { return ::mnl_socket_get_fd(socket_); }

int Netlink::ask(Request& request, const Each& each) {
    request.header()->nlmsg_flags |= NLM_F_ACK;
    return exchange(request, each).error;
}

int Netlink::dump(Request& request, const std::function<void()>& restart, const Each& each) {
    request.header()->nlmsg_flags |= NLM_F_DUMP;
    Answer answer;
    for (int attempt = 0; attempt < dump_attempts; ++attempt) {
        restart();
        answer = exchange(request, each);
        if (!answer.interrupted) break;
    }
    return answer.error;
}

Netlink::Answer Netlink::exchange(Request& request, const Each& each) {
    const auto* header = request.header();
    request.header()->nlmsg_seq = ++sequence_;
    if (::mnl_socket_sendto(socket_, header, header->nlmsg_len) < 0)
        throw_errno("send a netlink request");
    Answer answer;
    for (;;) {
        const auto size = ::mnl_socket_recvfrom(socket_, buffer_.data(), buffer_.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) throw_errno("read a netlink answer");
        int rest = int(size);
        for (const auto* message = reinterpret_cast<const nlmsghdr*>(buffer_.data());
             ::mnl_nlmsg_ok(message, rest); message = ::mnl_nlmsg_next(message, &rest)) {
            if (message->nlmsg_seq != sequence_) continue;  // a notice, or of an earlier request
            if (message->nlmsg_flags & NLM_F_DUMP_INTR) answer.interrupted = true;
            if (message->nlmsg_type == NLMSG_DONE) return answer;
            if (message->nlmsg_type != NLMSG_ERROR) {
                if (each) each(*message);
                continue;
            }
            const auto* error = static_cast<const nlmsgerr*>(::mnl_nlmsg_get_payload(message));
            answer.error = -error->error;
            return answer;
        }
    }
}

void Netlink::drain() {
    while (::recv(fd(), buffer_.data(), buffer_.size(), MSG_DONTWAIT) > 0) {
    }
}

}  // namespace duet::vip
