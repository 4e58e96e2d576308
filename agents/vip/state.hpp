// SPDX-License-Identifier: GPL-2.0-or-later
// The attribute INSTANCE-state: there only when there is something to say. In ordinary life it is
// absent, so that neither a start nor a stop writes to the CIB in the middle of a failover.
#pragma once

#include <string>

#include "call.hpp"

namespace duet::vip {

// An empty text removes it.
void show_state(const Call& call, const std::string& text);

}  // namespace duet::vip
