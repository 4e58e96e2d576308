// SPDX-License-Identifier: GPL-2.0-or-later
// The tail that MariaDB's recovery cuts off a superseded server: copied before, compared afterwards.
#pragma once

#include "call.hpp"
#include "config.hpp"

namespace duet::mysql {

// Before a start as replica: keeps copies of the binary logs that this recovery may cut. A copy that
// cannot be made is said in the log, and hinders nothing.
void copy_tail(const Config& config, const Call& call);

// After it: what was cut becomes SQL in a dated file, named in one warning, and the copies go. Where
// no SQL can be made of it the copies stay, and that is said. Costs one look at a folder when nothing
// was copied. Throws nothing.
void settle_tail(const Call& call);

}  // namespace duet::mysql
