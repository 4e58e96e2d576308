// SPDX-License-Identifier: GPL-2.0-or-later
// Check level 10: the settings of a running server and of its cluster.
#pragma once

#include "instance.hpp"
#include "settings_policy.hpp"

namespace duet::mysql {

// Throws SqlError.
std::vector<Finding> look_at_settings(Instance& instance, const Process& process);

}  // namespace duet::mysql
