// SPDX-License-Identifier: GPL-2.0-or-later
// The actions of the vip agent, one file each.
#pragma once

#include "call.hpp"
#include "config.hpp"
#include "failure.hpp"

namespace duet::vip {

Exit start(const Config& config, const Call& call);
Exit stop(const Config& config, const Call& call);
Exit monitor(const Config& config, const Call& call);
Exit reload(const Config& config, const Call& call);
Exit validate(const Config& config, const Call& call);

}  // namespace duet::vip
