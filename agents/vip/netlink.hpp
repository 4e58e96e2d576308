// SPDX-License-Identifier: GPL-2.0-or-later
// One netlink socket: requests with an acknowledgement, dumps that are whole.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

struct mnl_socket;
struct nlmsghdr;

namespace duet::vip {

// The room of one request, kept aligned for its header.
class Request {
  public:
    Request(std::uint16_t type, std::uint16_t flags);
    nlmsghdr* header() { return header_; }
    // The fixed part behind the header, zeroed.
    template <typename Part>
    Part* part() {
        return static_cast<Part*>(extra(sizeof(Part)));
    }

  private:
    void* extra(std::size_t size);

    alignas(8) unsigned char room_[8192];
    nlmsghdr* header_;
};

class Netlink {
  public:
    // `bus`: NETLINK_ROUTE, NETLINK_SOCK_DIAG. `groups`: of multicast messages to hear.
    // Throws std::system_error.
    explicit Netlink(int bus, unsigned groups = 0);
    Netlink(const Netlink&) = delete;
    Netlink& operator=(const Netlink&) = delete;
    ~Netlink();

    using Each = std::function<void(const nlmsghdr&)>;

    // Sends the request and hands over what is answered before the acknowledgement. 0, or the
    // kernel's errno.
    int ask(Request& request, const Each& each = {});
    // A dump. When the kernel says that it changed meanwhile, `restart` is called and the dump
    // begins anew. 0, or the kernel's errno.
    int dump(Request& request, const std::function<void()>& restart, const Each& each);

    int fd() const;
    // Reads away what a multicast group brought.
    void drain();

  private:
    struct Answer {
        int error = 0;
        bool interrupted = false;
    };
    Answer exchange(Request& request, const Each& each);

    mnl_socket* socket_;
    std::uint32_t sequence_ = 0;
    std::vector<char> buffer_;
};

}  // namespace duet::vip
