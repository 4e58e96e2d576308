// SPDX-License-Identifier: GPL-2.0-or-later
#include "role.hpp"

#include "companions.hpp"
#include "file.hpp"
#include "receiver.hpp"
#include "rsyncd.hpp"
#include "text.hpp"

namespace duet::rsync_push {

namespace {

std::string path_of(const Call& call) {
    return run_directory(call) + "/role";
}

}  // namespace

std::string noted_role(const Call& call) {
    return std::string(trim(read_file(path_of(call)).value_or("")));
}

void note_role(const Call& call, const std::string& role) {
    replace_file(path_of(call), role, Durability::none);
}

bool is_pushing(const Call& call) {
    return find_companion(call, Companion::pusher).has_value();
}

bool is_receiving(const Call& call) {
    if (!find_companion(call, Companion::receiver)) return false;
    if (is_keeping(call)) return true;
    const auto daemon = recall(daemon_file(call));
    return daemon && is_listening(*daemon);
}

}  // namespace duet::rsync_push
