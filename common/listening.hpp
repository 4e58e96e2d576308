// SPDX-License-Identifier: GPL-2.0-or-later
// Which process has which listening socket, as /proc shows it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "daemon.hpp"

namespace duet {

// Where one listens: the number of a TCP port, on any address, or the path of a unix socket.
// The inodes of the sockets that listen at one of `places`, in this network namespace.
std::set<std::string> listening_inodes(const std::vector<std::string>& places);
bool holds_one_of(const Process& process, const std::set<std::string>& inodes);

// "process 12 (/usr/sbin/apache2)" for whoever listens there; empty where nobody is seen to.
std::string who_listens(const std::vector<std::string>& places);

}  // namespace duet
