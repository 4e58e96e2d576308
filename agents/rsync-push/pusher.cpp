// SPDX-License-Identifier: GPL-2.0-or-later
#include "pusher.hpp"

#include <unistd.h>

#include <thread>

#include "companions.hpp"
#include "log.hpp"
#include "notes.hpp"
#include "pass.hpp"

namespace duet::rsync_push {

namespace {

// rsync's own time-outs end a pass that hangs; this is for a program that ignores them.
constexpr auto longest_pass = std::chrono::hours(24);

std::string notes_of(const std::string& directory) {
    return directory + "/pusher.notes";
}

void log_change(const Verdict& verdict, const std::optional<Verdict>& before) {
    if (before == verdict) return;
    if (verdict.words.empty()) {
        log::info("push: ", verdict.state);
    } else {
        log::warning("push: ", verdict.state, ": ", verdict.words);
    }
}

// A full disk, or rsync gone for the moment of its upgrade, is no reason to end.
Verdict take_turn(Passes& passes) try {
    return passes.run(Deadline::after(longest_pass));
} catch (const std::exception& error) {
    return {"behind", error.what()};
}

}  // namespace

void push_forever(const Instance& instance) {
    ::unlink(notes_of(instance.directory).c_str());
    Notes notes(notes_of(instance.directory));
    notes.running("started");
    Passes passes(instance);
    passes.assume_changed();
    say_ready();
    for (std::optional<Verdict> before;;) {
        const auto verdict = take_turn(passes);
        if (verdict.state == "complete") notes.set("complete", std::to_string(Notes::now()));
        notes.set("state", verdict.state);
        notes.set("words", verdict.words);
        log_change(verdict, before);
        if (is_worth_showing(verdict, before)) show_state(instance.call, verdict.state);
        const auto pause = pause_after(verdict, !before, instance.config.interval);
        before = verdict;
        std::this_thread::sleep_for(pause);
    }
}

PusherReport read_report(const Call& call) {
    const Notes notes(notes_of(run_directory(call)));
    return {{notes.get("state").value_or(""), notes.get("words").value_or("")},
            notes.since("started").value_or(Milliseconds(0)),
            notes.since("complete")};
}

}  // namespace duet::rsync_push
