// SPDX-License-Identifier: GPL-2.0-or-later
// A disk on which every write waits: the frozen file system, on a loop device, of a node's data
// directory. Whoever waits there is ended by nothing, not even by SIGKILL.
#pragma once

#include <sys/types.h>

#include "fd.hpp"

namespace duet::lab {

// `pid`: a process of the node, as this machine's /proc has it. Empty where the data directory is on
// no loop device.
Fd disk_of(pid_t pid);
// Waits until what is dirty has been written. Throws Failure where there is no disk.
void freeze(const Fd& disk);
// Nothing to do where there is no disk, or it is not frozen.
void thaw(const Fd& disk);

}  // namespace duet::lab
