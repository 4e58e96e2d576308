// SPDX-License-Identifier: GPL-2.0-or-later
// One request line, one answer line, over a unix socket: how the lab and the fence agents talk to
// the world. The answer begins with "ok" or "error".
#pragma once

#include <string>

#include "clock.hpp"
#include "fd.hpp"

namespace duet::lab {

// Throws std::system_error.
Fd listen_at(const std::string& path);
// A line without its end; empty when none came within a second.
std::string read_line(int fd);
void write_line(int fd, const std::string& line);

// What stands behind "ok ". Throws Failure with what stands behind "error ", or saying that nobody
// listens, or that no answer came before the deadline.
std::string ask(const std::string& path, const std::string& request, const Deadline& deadline);

}  // namespace duet::lab
