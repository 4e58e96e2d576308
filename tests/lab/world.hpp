// SPDX-License-Identifier: GPL-2.0-or-later
// The world from outside: one process holds everything, so that killing it removes every process,
// namespace, interface and mount of the lab at once.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "place.hpp"

namespace duet::lab {

class World {
  public:
    explicit World(Place place) : place_(std::move(place)) {}

    const Place& place() const { return place_; }
    bool is_up() const;
    // Bridges, gateway and client; both nodes off, their disks as they are. Whatever an earlier lab
    // of this name left is removed first. Throws Failure when it is up already or does not come up.
    void up();
    // Ends it and removes its state and its cgroups; the disks stay. Nothing to do when it is down.
    void down() const;
    // One line of world_init.hpp's protocol. Throws Failure.
    std::string ask(const std::string& request) const;

    // The first process of "client", "gateway", "a" or "b", as this machine sees it, while it lives.
    std::optional<pid_t> pid_of(const std::string& who) const;

  private:
    Place place_;
};

}  // namespace duet::lab
