// SPDX-License-Identifier: GPL-2.0-or-later
// Ending TCP connections of an address that goes away, so that their clients learn it at once and
// not from a timeout. The kernel does it (SOCK_DESTROY, since 4.5, CONFIG_INET_DIAG_DESTROY).
#pragma once

#include <vector>

#include "address.hpp"

namespace duet::vip {

// How many were ended; 0 where the kernel cannot. Listening sockets stay.
int close_connections(const std::vector<Address>& addresses);

}  // namespace duet::vip
