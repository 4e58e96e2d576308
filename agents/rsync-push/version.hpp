// SPDX-License-Identifier: GPL-2.0-or-later
// The last version of a tree that its hook accepted, kept beside the trees as hard links: rsync puts
// every new file in the place of an old one by a rename, so what was linked stays as it was.
#pragma once

#include "instance.hpp"

namespace duet::rsync_push {

// Throw Failure(generic) with rsync's words.
void keep_version(const Instance& instance, const Tree& tree);
// False where none is kept.
bool put_back_version(const Instance& instance, const Tree& tree);

}  // namespace duet::rsync_push
