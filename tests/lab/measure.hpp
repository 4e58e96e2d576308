// SPDX-License-Identifier: GPL-2.0-or-later
// The figures of the README: each case some times on one lab, and the medians as a table.
#pragma once

#include "pair.hpp"

namespace duet::lab {

// Makes the lab where there is none, and leaves it up. Prints Markdown to stdout, progress to
// stderr. Throws Failure.
void measure(Pair& pair, int times);

}  // namespace duet::lab
