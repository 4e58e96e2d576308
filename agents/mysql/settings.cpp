// SPDX-License-Identifier: GPL-2.0-or-later
#include "settings.hpp"

namespace duet::mysql {

std::vector<Finding> look_at_settings(Instance& instance, const Process& process) {
    auto settings = instance.connect().settings();
    settings.lossless = instance.durability() == Durability::lossless;
    settings.promoted = instance.is_promoted(process);
    settings.events_follow_role = instance.config.events;
    if (instance.call.clustered()) settings.fencing = instance.look().fencing;
    return findings(settings);
}

}  // namespace duet::mysql
