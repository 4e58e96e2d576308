// SPDX-License-Identifier: GPL-2.0-or-later
#include "state.hpp"

#include <unistd.h>

#include "attribute.hpp"
#include "file.hpp"
#include "text.hpp"

namespace duet::vip {

void show_state(const Call& call, const std::string& text) {
    // Asked first, for Attributes looks for pacemaker-attrd among all processes.
    const auto note = run_directory(call) + "/state";
    if (text.empty() && ::access(note.c_str(), F_OK) != 0) return;
    const auto name = cat(call.instance, "-state");
    Attributes attributes(call);
    if (text.empty()) {
        if (attributes.remove(name)) ::unlink(note.c_str());
        return;
    }
    replace_file(note, text, Durability::none);
    attributes.set(name, text);
}

}  // namespace duet::vip
