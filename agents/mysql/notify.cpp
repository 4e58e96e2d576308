// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "actions.hpp"
#include "log.hpp"
#include "seed.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

bool names(const std::vector<std::string>& nodes, const std::string& node) {
    return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

}  // namespace

// Only makes sooner what the monitors would do: Pacemaker ignores what it answers.
Exit notify(const Config& config, const Call& call) {
    Instance instance(config, call);
    const auto process = instance.server.find();
    const auto& peer = instance.peer();
    if (!process || !peer || is_being_seeded(instance)) return Exit::success;
    const auto& notification = call.notification;
    if (instance.is_promoted(*process)) {
        // Where the other server is stopped nobody will acknowledge: no need for the first monitor.
        if (notification.post && notification.operation == "promote" &&
            names(notification.promoting, call.node))
            tend_active(instance, *process, false, Milliseconds(1'000));
        if (notification.operation != "stop" || !names(notification.stopping, peer->node))
            return Exit::success;
        // The standby is still there and can confirm that its grant is gone, so that its leaving
        // stalls nobody; afterwards, of a lost node, Pacemaker says so once it is fenced.
        if (!notification.post) {
            instance.notes.set("leaving", instance.look()
                                              .attribute(peer->node, instance.attribute("life"))
                                              .value_or(""));
            instance.notes.set("leaving since", cat(Notes::now()));
        }
        tend_active(instance, *process, true, Milliseconds(10'000));
    } else if (notification.post && notification.operation == "promote" &&
               names(notification.promoting, peer->node)) {
        tend_standby(instance, *process);
    }
    return Exit::success;
}

}  // namespace duet::mysql
