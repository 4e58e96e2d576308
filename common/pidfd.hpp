// SPDX-License-Identifier: GPL-2.0-or-later
// <sys/pidfd.h> for C++: glibc 2.36 forgot the linkage.
#pragma once

extern "C" {
#include <sys/pidfd.h>
}
