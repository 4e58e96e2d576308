// SPDX-License-Identifier: GPL-2.0-or-later
// The least that a look at addresses can cost: libmnl, one dump, nothing else.
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include <array>

int main() {
    std::array<char, 32768> buffer{};
    auto* request = mnl_nlmsg_put_header(buffer.data());
    request->nlmsg_type = RTM_GETADDR;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request->nlmsg_seq = 1;
    mnl_nlmsg_put_extra_header(request, sizeof(ifaddrmsg));
    auto* socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) != 0 ||
        mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
        return 1;
    int found = 0;
    const auto count = [](const nlmsghdr*, void* number) {
        ++*static_cast<int*>(number);
        return MNL_CB_OK;
    };
    int more = MNL_CB_OK;
    while (more == MNL_CB_OK) {
        const auto size = mnl_socket_recvfrom(socket, buffer.data(), buffer.size());
        if (size < 0) return 1;
        more = mnl_cb_run(buffer.data(), std::size_t(size), 1, mnl_socket_get_portid(socket), count,
                          &found);
    }
    mnl_socket_close(socket);
    return more == MNL_CB_STOP && found > 0 ? 0 : 1;
}
