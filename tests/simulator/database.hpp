// SPDX-License-Identifier: GPL-2.0-or-later
// What happens in and between the database servers, one small event at a time.
#pragma once

#include "world.hpp"

namespace duet::simulator {

constexpr int agents_session = 2;

// ---- what the world does; each does nothing when it cannot happen now ----
void client_goes_on(World& world, Node node);
void engine_flushes(World& world, Node node);
void server_answers(World& world, Node node);
void event_is_received(World& world, Node replica);
void event_is_applied(World& world, Node replica);
void acknowledgements_arrive(World& world, Node source);
void receiver_connects(World& world, Node replica);
void connection_loss_is_noticed(World& world, Node node);

// ---- what agents and faults do ----
void start_database(World& world, Node node, mysql::RecoveryRole role);
void crash_database(World& world, Node node);
void shut_down_cleanly(World& world, Node node);
// False while a commit is in the way.
bool try_close(World& world, Node node);
void end_clients(World& world, Node node);
void open_database(World& world, Node node);
void set_waiting(World& world, Node node, bool on);
void start_receiver(World& world, Node node);
void stop_receiver(World& world, Node node);
void write_marker(World& world, Node node);
bool is_marker_committed(const World& world, Node node);
bool has_waiting_commits(const World& world, Node node);

}  // namespace duet::simulator
