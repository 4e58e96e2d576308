// SPDX-License-Identifier: GPL-2.0-or-later
// What this resource took on this server since it booted, kept in its run directory: so that stop
// gives it back although the parameters have changed, and monitor knows which interface was chosen.
#pragma once

#include <vector>

#include "call.hpp"
#include "policy.hpp"

namespace duet::vip {

// Unreadable lines are left out; nothing is thrown.
std::vector<Want> recorded(const Call& call);
// Throws std::system_error.
void record(const Call& call, const std::vector<Want>& wants);
void forget(const Call& call);

}  // namespace duet::vip
