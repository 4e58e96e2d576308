// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace duet::rsync_push {

namespace {

constexpr Milliseconds retry{5'000};
// As long as the transition that moved the role may still be running.
constexpr Milliseconds settling{3'000};
// Below this a share says nothing: two of three files are no disaster.
constexpr long least_share = 20;

std::optional<long> parse_number(const std::string& text) {
    long number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

int weight(Outcome outcome) {
    switch (outcome) {
        case Outcome::done:
            return 0;
        case Outcome::away:
            return 1;
        case Outcome::incomplete:
            return 2;
        case Outcome::broken:
            return 3;
        case Outcome::denied:
            return 4;
        case Outcome::guarded:
            return 5;
    }
    return 3;
}

std::string state_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::done:
            return "complete";
        case Outcome::away:
            return "alone";
        case Outcome::guarded:
            return "refused";
        default:
            return "behind";
    }
}

}  // namespace

Outcome outcome_of(int exit_code) {
    switch (exit_code) {
        case 0:
        case 24:  // files vanished while they were read: what was deleted need not be pushed
            return Outcome::done;
        case 11:  // input or output of files: a full disk, most of the time
        case 23:  // some files or attributes were not transferred
            return Outcome::incomplete;
        case 25:
            return Outcome::guarded;
        case 5:
            return Outcome::denied;
        case 10:  // socket
        case 12:  // data stream: what an rsync sees when the other one was killed
        case 30:  // silence
        case 35:  // no connection in time
            return Outcome::away;
        default:
            return Outcome::broken;
    }
}

std::optional<Limit> parse_limit(const std::string& text) {
    Limit limit;
    limit.percent = text.ends_with('%');
    const auto number = parse_number(limit.percent ? text.substr(0, text.size() - 1) : text);
    if (!number || (limit.percent && *number > 100)) return std::nullopt;
    limit.number = *number;
    return limit;
}

long allowed_deletions(const Limit& limit, long entries) {
    if (!limit.percent) return limit.number;
    return limit.number == 0 ? 0 : std::max(least_share, entries * limit.number / 100);
}

Verdict judge(const std::vector<TreeResult>& results) {
    const auto worst = std::max_element(
        results.begin(), results.end(),
        [](const auto& a, const auto& b) { return weight(a.outcome) < weight(b.outcome); });
    if (worst == results.end() || worst->outcome == Outcome::done) return {"complete", ""};
    const auto words =
        worst->path.empty() ? worst->words : "'" + worst->path + "': " + worst->words;
    return {state_of(worst->outcome), words};
}

Milliseconds pause_after(const Verdict& verdict, bool first, Milliseconds interval) {
    return verdict.state == "complete" && !first ? interval : std::min(interval, retry);
}

bool is_worth_showing(const Verdict& verdict, const std::optional<Verdict>& before) {
    return before && before->state == verdict.state;
}

long next_epoch(long known, int index, int count) {
    auto next = known + 1;
    while (next % count != index % count) ++next;
    return next;
}

std::string to_text(const Life& life) {
    return life.word + " " + std::to_string(life.epoch) + "\n";
}

std::optional<Life> parse_life(const std::string& text) {
    const auto words = words_of(text);
    const auto epoch = words.size() == 2 ? parse_number(words[1]) : std::nullopt;
    if (!epoch) return std::nullopt;
    return Life{words[0], *epoch};
}

std::string to_text(const Record& record) {
    auto text =
        record.life + " " + std::to_string(record.epoch) + " " + std::to_string(record.pass);
    for (const auto& module : record.changed) text += " " + module;
    return text + "\n";
}

std::optional<Record> parse_record(const std::string& text) {
    const auto words = words_of(text);
    if (words.size() < 3 || !text.ends_with('\n')) return std::nullopt;
    const auto epoch = parse_number(words[1]), pass = parse_number(words[2]);
    if (!epoch || !pass) return std::nullopt;
    return Record{words[0], *epoch, *pass, {words.begin() + 3, words.end()}};
}

std::optional<std::string> why_not_believed(const Record& record, const Life& life) {
    if (record.life != life.word) return "the pass began before this receiver did";
    if (record.epoch < life.epoch)
        return "promotion " + std::to_string(record.epoch) + " is superseded by " +
               std::to_string(life.epoch);
    return std::nullopt;
}

std::string receiver_state(const Receiving& receiving, Milliseconds stale_after) {
    // The gate is closed at once and opened without haste.
    if (!receiving.complete && receiving.shows_pushed_back) return "stale";
    if (receiving.age < settling) return "";
    if (receiving.hook_refused) return "refused";
    return receiving.complete && *receiving.complete <= stale_after ? "pushed-back" : "stale";
}

}  // namespace duet::rsync_push
