// SPDX-License-Identifier: GPL-2.0-or-later
// Packet sockets: frames out to a link, and what its neighbours say.
// Closing one costs the kernel a grace period of 10 ms and more, so nothing that must be quick has
// one of its own: see announcer.hpp.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "clock.hpp"
#include "fd.hpp"
#include "frame.hpp"
#include "policy.hpp"

namespace duet::vip {

struct Heard {
    int link = 0;
    Claim claim;
};

class Wire {
  public:
    // Opens the link for a family; again is nothing. Throws std::system_error.
    void open(const Link& link, bool v6);
    bool is_open(int link, bool v6) const { return sockets_.contains({link, v6}); }
    // What cannot be sent (the link just went down) is dropped, as the wire itself might.
    // False then.
    bool send(int link, const Frame& frame);
    // What came in, at once.
    std::vector<Heard> receive();
    // The same, waiting until `deadline` for the first.
    std::vector<Heard> receive(const Deadline& deadline);
    std::vector<int> fds() const;

  private:
    std::map<std::pair<int, bool>, Fd> sockets_;
};

}  // namespace duet::vip
