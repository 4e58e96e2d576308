// SPDX-License-Identifier: GPL-2.0-or-later
#include "attribute.hpp"

#include <chrono>

#include "daemon.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "log.hpp"
#include "process.hpp"
#include "text.hpp"

namespace duet {

namespace {

constexpr long believed_seconds = 60;
constexpr int infinity = 1'000'000;
// attrd answers in milliseconds or is not there.
constexpr Milliseconds updater_limit{5000};
// What Pacemaker's tools answer when no cluster runs (CRM_EX_DISCONNECT, CRM_EX_UNAVAILABLE).
constexpr int exit_disconnected = 102;
constexpr int exit_no_such = 105;

long monotonic_seconds() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

std::string identity(const Process& process) {
    return cat(process.pid(), ' ', process.start_time());
}

// "PID START_TIME" of the running pacemaker-attrd, cheaply when it is still the `known` one.
std::string find_daemon(const std::string& known) {
    const auto words = split_words(known);
    if (words.size() == 2) {
        const auto process = Process::open(pid_t(parse_integer(words[0]).value_or(-1)));
        if (process && identity(*process) == known) return known;
    }
    for (const auto& process : processes())
        if (process.executable().ends_with("/pacemaker-attrd")) return identity(process);
    return {};
}

}  // namespace

Attributes::Attributes(const Call& call)
    : clustered_(call.clustered()),
      node_(call.node),
      instance_(call.instance),
      deadline_(call.deadline) {
    if (!clustered_) return;
    file_ = cat(run_directory(call), "/attributes");
    load();
}

bool Attributes::set(const std::string& name, const std::string& value) {
    return update(name, value, false);
}

bool Attributes::set_private(const std::string& name, const std::string& value) {
    return update(name, value, true);
}

bool Attributes::remove(const std::string& name) {
    if (!clustered_) return true;
    written_.erase(name);
    save();
    return run_updater({"-n", name, "-D"});
}

bool Attributes::set_promotion_score(int score) {
    return set("master-" + instance_, score <= -infinity ? "-INFINITY" : cat(score));
}

bool Attributes::remove_promotion_score() { return remove("master-" + instance_); }

bool Attributes::set_for(const std::string& node, const std::string& name,
                         const std::string& value) {
    return !clustered_ || run_updater({"-N", node, "-n", name, cat("--update=", value)});
}

std::optional<std::string> Attributes::get(const std::string& node, const std::string& name) {
    if (!clustered_) return std::nullopt;
    const auto ended =
        run({"attrd_updater", "-Q", "-n", name, "-N", node}, deadline_.at_most(updater_limit));
    // name="db-claim" host="a" value="7"
    const std::string_view key = "value=\"";
    const auto begin = ended.out.rfind(key);
    if (!ended.succeeded() || begin == std::string::npos) return std::nullopt;
    const auto end = ended.out.rfind('"');
    const auto first = begin + key.size();
    if (end < first || end == first) return std::nullopt;
    return ended.out.substr(first, end - first);
}

std::optional<std::string> Attributes::last_written(const std::string& name) const {
    const auto found = written_.find(name);
    if (found == written_.end()) return std::nullopt;
    return found->second.value;
}

bool Attributes::update(const std::string& name, const std::string& value, bool is_private) {
    if (!clustered_) return true;
    const auto found = written_.find(name);
    const auto now = monotonic_seconds();
    if (found != written_.end() && found->second.value == value &&
        now - found->second.when < believed_seconds)
        return true;
    std::vector<std::string> arguments{"-n", name, cat("--update=", value)};
    if (is_private) arguments.push_back("-p");
    if (!run_updater(std::move(arguments))) return false;
    written_[name] = {value, now};
    save();
    return true;
}

bool Attributes::run_updater(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "attrd_updater");
    const auto ended = run(arguments, deadline_.at_most(updater_limit));
    if (ended.succeeded()) return true;
    if (ended.exit_code != exit_disconnected && ended.exit_code != exit_no_such)
        log::warning("attrd_updater for '", arguments[2], "' ", ended.how(), ": ",
                     ended.last_words());
    return false;
}

// First line: the daemon. Then a line for each attribute: name, seconds, value.
void Attributes::load() {
    const auto lines = split(read_file(file_).value_or(""), '\n');
    daemon_ = find_daemon(lines.front());
    if (daemon_ != lines.front()) return;
    for (const auto& line : lines) {
        const auto fields = split(line, '\t');
        if (fields.size() != 3) continue;
        const auto when = parse_integer(fields[1]);
        if (when) written_[fields[0]] = {fields[2], long(*when)};
    }
}

void Attributes::save() const {
    std::string content = daemon_ + '\n';
    for (const auto& [name, written] : written_)
        content += cat(name, '\t', written.when, '\t', written.value, '\n');
    replace_file(file_, content, Durability::none);
}

}  // namespace duet
