// SPDX-License-Identifier: GPL-2.0-or-later
// What is done on the receiver after a tree has changed.
#pragma once

#include <optional>
#include <string>

#include "tree.hpp"

namespace duet::rsync_push {

// Why it refused, or nothing.
std::optional<std::string> run_hook(const Tree& tree);

}  // namespace duet::rsync_push
