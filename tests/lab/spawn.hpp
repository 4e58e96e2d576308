// SPDX-License-Identifier: GPL-2.0-or-later
// Starting a first process of new namespaces.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace duet::lab {

// Runs argv[0] (an absolute path) in the new namespaces that `flags` (CLONE_NEW...) asks for, in a
// session of its own, with a bare environment, stdin from /dev/null and what it says appended to
// `log`. Returns its pid as seen from here. Throws std::system_error.
pid_t spawn_in_namespaces(unsigned long flags, const std::vector<std::string>& argv,
                          const std::string& log);

}  // namespace duet::lab
