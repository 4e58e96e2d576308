// SPDX-License-Identifier: GPL-2.0-or-later
// The main job, shown to a person: a page, a power cut, the take-over with its times, the way back.
#pragma once

#include "pair.hpp"

namespace duet::lab {

enum class Afterwards { take_down, keep };

// Writes to stdout. 0 when everything went as it should, 1 otherwise; throws Failure when the lab
// itself fails. The lab is ended, or left up with a healthy pair.
int show_demo(Pair& pair, Afterwards afterwards);

}  // namespace duet::lab
