// SPDX-License-Identifier: GPL-2.0-or-later
// What the rsync-push agent decides. Values in, a value out: no clock, no kernel, no network.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace duet::rsync_push {

using Milliseconds = std::chrono::milliseconds;

// What an exit code of rsync(1) means to the pair.
enum class Outcome {
    done,        // the other side is as this one was
    incomplete,  // something was left out; the next pass tries again
    guarded,     // more was to be deleted than it was allowed
    away,        // nobody there, or the connection broke: no fault of either server
    denied,      // the other side does not let us in
    broken       // rsync itself: a wrong option, no memory, no such program
};
Outcome outcome_of(int exit_code);

// The parameter max_delete: a number of entries, or a share of what the receiver has.
struct Limit {
    long number = 0;
    bool percent = false;
};
std::optional<Limit> parse_limit(const std::string& text);
// How many of `entries` may be deleted in one pass.
long allowed_deletions(const Limit& limit, long entries);

struct TreeResult {
    std::string path;
    Outcome outcome = Outcome::done;
    std::string words;  // why it is not done
};

// What a pass came to, in the words of the attribute INSTANCE-state.
struct Verdict {
    std::string state;  // complete, behind, alone, refused
    std::string words;
    bool operator==(const Verdict&) const = default;
};
Verdict judge(const std::vector<TreeResult>& results);

// How long to wait for the next pass.
Milliseconds pause_after(const Verdict& verdict, bool first, Milliseconds interval);
// A changed attribute aborts a transition that may be repairing the very failure which changed it:
// a state is shown when two passes in succession came to it.
bool is_worth_showing(const Verdict& verdict, const std::optional<Verdict>& before);

// The number of a promotion. Each server of `count` has its own remainder, so that two that do not
// hear of each other never give the same number.
long next_epoch(long known, int index, int count);

// The life of a receiver, as it tells a pusher: a word that is new at each start, and the highest
// number of a promotion that it has accepted.
struct Life {
    std::string word;
    long epoch = 0;
};
std::string to_text(const Life& life);
std::optional<Life> parse_life(const std::string& text);

// What the pusher writes at the receiver after a pass that left nothing out.
struct Record {
    std::string life;  // the receiver's word, as it was at the beginning of the pass
    long epoch = 0;
    long pass = 0;
    std::vector<std::string> changed;  // modules that something was changed in
};
std::string to_text(const Record& record);
std::optional<Record> parse_record(const std::string& text);
// The reason why a record does not count, or nothing.
std::optional<std::string> why_not_believed(const Record& record, const Life& life);

// What a receiver shows; nothing while it is too early to say anything.
struct Receiving {
    Milliseconds age{0};                   // of this receiver
    std::optional<Milliseconds> complete;  // since the last complete pass
    bool hook_refused = false;
    bool shows_pushed_back = false;  // left from an earlier life
};
std::string receiver_state(const Receiving& receiving, Milliseconds stale_after);

}  // namespace duet::rsync_push
