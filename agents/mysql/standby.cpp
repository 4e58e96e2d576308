// SPDX-License-Identifier: GPL-2.0-or-later
// The standby's side of the pair: closed, following whoever supersedes it, and honest about what it
// is worth.
#include <array>
#include <chrono>
#include <ctime>

#include "actions.hpp"
#include "comparison.hpp"
#include "errant.hpp"
#include "gtid.hpp"
#include "kin.hpp"
#include "log.hpp"
#include "seed_receive.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr Milliseconds settled_for{10'000};  // how long a settled pair is not looked at again
constexpr Milliseconds retry_after{10'000};  // a receiver that stopped with an error
constexpr std::chrono::seconds farewell{5};  // of a receiver from a source that is silent
constexpr int most_steps = 12;

constexpr int access_denied = 1045;  // ER_ACCESS_DENIED_ERROR

class Standby {
  public:
    Standby(Instance& instance, const Process& process)
        : instance_(instance), process_(process), database_(instance.connect()) {}

    StandbyLook tend();

  private:
    Standing stand(const DatabaseView& database);
    bool is_settled(const DatabaseView& database) const;
    StandbyView view(const StandbyLook& look) const;
    bool act(StandbyStep step);
    bool close();
    bool follow();
    Kinship kinship(const DatabaseView& database);
    Verdict compare();

    Verdict verdict_ = Verdict::clean;  // of the comparison with the source, where there was one
    Instance& instance_;
    const Process& process_;
    Database database_;
    bool seed_asked_ = false;
};

bool Standby::is_settled(const DatabaseView& database) const {
    const auto& notes = instance_.notes;
    const auto looked = notes.since("looked");
    return looked && *looked < settled_for && database.receiver == Receiver::running &&
           database.applier_runs && notes.get("granted life") == instance_.life(process_) &&
           instance_.record.peer_seen[instance_.peer()->node].number > instance_.record.own.number;
}

// Asking the cluster costs more than asking the database, and while nothing happens it would
// answer the same.
Standing Standby::stand(const DatabaseView& database) {
    if (instance_.peer() && is_settled(database)) {
        auto standing = instance_.standing({}, true);
        standing.grant = parse_grant(instance_.notes.get("grant").value_or(""));
        standing.peer_member = true;
        return standing;
    }
    const auto cluster = instance_.look();
    seed_asked_ |= cluster.attribute(instance_.call.node, instance_.attribute("reseed")).has_value();
    const bool has_data = instance_.record.own.number > 0 || database_.has_data();
    if (instance_.peer()) instance_.publish_claim(has_data);
    auto standing = instance_.standing(cluster, has_data);
    auto& notes = instance_.notes;
    notes.set("looked", cat(Notes::now()));
    if (is_granted(standing)) {
        notes.set("granted life", standing.life);
        notes.set("grant", to_text(*standing.grant));
    } else {
        notes.erase("granted life");
    }
    return standing;
}

StandbyView Standby::view(const StandbyLook& look) const {
    const auto& database = look.database;
    StandbyView view;
    // Outside a cluster there is nobody to follow.
    view.superseded = instance_.peer() && is_superseded(look.standing);
    view.open = !database.closed;
    view.semi_sync_source = database.semi_sync_source;
    view.semi_sync_replica = database.semi_sync_replica;
    view.receiver = database.receiver;
    view.applier_runs = database.applier_runs;
    view.applier_failed = !database.applier_runs && database.applier_errno != 0;
    const auto started = instance_.notes.since("receiver started");
    view.receiver_failed = is_lost(look.kinship) ||
                           (database.receiver == Receiver::stopped &&
                            database.receiver_errno != 0 && started && *started < retry_after);
    if (const auto& peer = instance_.peer()) {
        const bool same_place =
            database.source_host == peer->address && database.source_port == peer->port;
        // The file with the login may have been changed since; whether it was, the server alone knows.
        const bool login_works =
            database.source_user == database_.replication_user() &&
            !(database.receiver_errno == access_denied && started && *started >= retry_after);
        view.channel_right = database.channel && same_place && login_works;
        const bool never_paired =
            instance_.record.own.number == 0 && instance_.record.peer_seen[peer->node].number == 0;
        view.channel_foreign = database.channel && !same_place && never_paired;
    }
    return view;
}

bool Standby::close() {
    const auto before = parse_integer(instance_.notes.get("found open").value_or("0")).value_or(0);
    instance_.notes.set("found open", cat(before + 1));
    log::warning("this standby was open for writes, and not by promote: closing it (time ",
                 before + 1, " since the boot)");
    if (!close_server(instance_, process_)) return false;
    // Ours was among the connections that were ended.
    database_ = instance_.connect();
    return true;
}

Kinship Standby::kinship(const DatabaseView& database) {
    if (database_.dialect().cuts_tail) return assess_kinship(instance_, database, process_);
    return database.diverged ? Kinship::diverged : Kinship::unknown;
}

Verdict Standby::compare() {
    auto& notes = instance_.notes;
    const auto& peer = *instance_.peer();
    const auto found = compare_with(peer, read_credentials(instance_.config.credentials),
                                    database_.look().applied_position);
    if (found.verdict == Verdict::unknown)
        log::warning("could not compare with ", peer.node, " before following it: ", found.error);
    if (found.verdict == Verdict::clean) notes.erase("diverged");
    if (found.verdict != Verdict::errant) return found.verdict;
    note_errant(instance_, database_, found.errant);
    return found.verdict;
}

bool Standby::follow() {
    const auto& peer = *instance_.peer();
    if (database_.dialect().cuts_tail) {
        if (is_lost(compare_before_following(instance_, database_.look(), process_))) return true;
    } else if ((verdict_ = compare()) != Verdict::clean) {
        // What recovery did not cut is compared: its receiver would hide that it is there.
        return false;
    }
    // The grant of the old life must be void before its relay log is thrown away.
    instance_.begin_life(process_);
    instance_.notes.erase("granted life");
    instance_.notes.set("receiver started", cat(Notes::now()));
    database_.start_receiver(peer);
    log::info("following ", peer.node, " at ", peer.address, " port ", peer.port);
    return true;
}

bool Standby::act(StandbyStep step) {
    switch (step) {
        case StandbyStep::none:
        case StandbyStep::refuse_foreign: return false;
        case StandbyStep::close: return close();
        case StandbyStep::source_off: database_.set_waiting(false); return true;
        case StandbyStep::replica_on: database_.set_semi_sync_replica(); return true;
        case StandbyStep::configure_channel:
        case StandbyStep::start_receiver: return follow();
        case StandbyStep::stop_receiver: instance_.connect(farewell).stop_receiver(); return true;
        case StandbyStep::start_applier: database_.start_applier(); return true;
    }
    return false;
}

StandbyLook Standby::tend() {
    StandbyLook look;
    finish_seed(instance_.config, database_);
    if (instance_.life(process_).empty()) {
        instance_.begin_life(process_);
    } else {
        instance_.publish_life(process_);
    }
    for (int i = 0; i < most_steps; ++i) {
        look.database = database_.look();
        look.standing = stand(look.database);
        if (instance_.peer() && is_superseded(look.standing))
            look.kinship = kinship(look.database);
        look.stuck = toward_standby(view(look));
        look.seed_asked = seed_asked_;
        if (!act(look.stuck)) break;
    }
    look.uncompared = verdict_ == Verdict::unknown;
    // An earlier verdict stands while the other server is away.
    if (verdict_ != Verdict::clean && instance_.notes.get("diverged"))
        look.kinship = Kinship::diverged;
    return look;
}

// Everything that the active had committed at the previous monitor is applied here: while commits
// wait for this server, what it had received then is what the active had committed.
bool is_caught_up(Instance& instance, const DatabaseView& database) {
    const auto before = instance.notes.get("received");
    instance.notes.set("received", database.received_position);
    return before && !before->empty() && covers(database.applied_position, *before);
}

bool requirements_met(Instance& instance) {
    if (instance.config.failback_requires.empty()) return true;
    const auto cluster = instance.look();
    for (const auto& word : instance.config.failback_requires) {
        const auto equals = word.find('=');
        if (cluster.attribute(instance.call.node, word.substr(0, equals)) !=
            word.substr(equals + 1))
            return false;
    }
    return true;
}

std::string time_of_day(Milliseconds from_now) {
    const auto then = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + from_now);
    std::tm local{};
    ::localtime_r(&then, &local);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
    return text.data();
}

// Written when the wait begins and not again: a countdown would abort transitions for nothing.
void publish_failback(Instance& instance, const FailbackView& view) {
    const auto name = instance.attribute("failback");
    if (!view.good_for) return withdraw_failback(instance);
    if (is_held_back(view)) {
        instance.attributes.set(name, cat("held back: ", view.failbacks_last_hour,
                                          " in the last hour"));
    } else if (!instance.attributes.last_written(name)) {
        instance.attributes.set(name, time_of_day(std::max(Milliseconds(0), view.delay - *view.good_for)));
    }
}

bool failback_is_due(Instance& instance, const StandbyLook& look, bool in_time) {
    FailbackView view;
    view.preferred = look.standing.preferred && !instance.config.preferred_node.empty();
    view.failback = instance.config.failback == "auto"     ? Failback::automatic
                    : instance.config.failback == "manual" ? Failback::manual
                                                           : Failback::never;
    const bool caught_up = is_caught_up(instance, look.database);
    if (!view.preferred || view.failback != Failback::automatic) {
        withdraw_failback(instance);
        return false;
    }
    view.granted = in_time;
    view.delay = instance.config.failback_delay;
    view.limit_per_hour = instance.config.failback_limit;
    view.failbacks_last_hour = instance.takeovers_last_hour();
    view.caught_up = caught_up;
    view.requirements_met = in_time && caught_up && requirements_met(instance);
    if (view.requirements_met) {
        view.good_for = instance.notes.running("good");
    } else {
        instance.notes.erase("good");
    }
    publish_failback(instance, view);
    return is_failback_due(view);
}

ScoreView score_view(Instance& instance, const StandbyLook& look) {
    ScoreView view;
    view.standing = look.standing;
    view.durability = instance.durability();
    view.replicating = !is_lost(look.kinship) && look.database.receiver != Receiver::stopped &&
                       look.database.applier_runs;
    const auto before =
        parse_integer(instance.attributes.last_written("master-" + instance.call.instance)
                          .value_or(""));
    view.was_late = before && *before >= 500 && *before <= 800;
    view.delay = look.database.delay;
    // The server tells no delay while its source is away; the verdict of before then stands.
    if (look.database.receiver == Receiver::connecting)
        view.delay = view.was_late ? std::chrono::seconds(30) : std::chrono::seconds(0);
    return view;
}

}  // namespace

StandbyLook tend_standby(Instance& instance, const Process& process) {
    return Standby(instance, process).tend();
}

void withdraw_failback(Instance& instance) {
    const auto name = instance.attribute("failback");
    if (instance.attributes.last_written(name)) instance.attributes.remove(name);
}

void publish_standby(Instance& instance, const StandbyLook& look) {
    auto view = score_view(instance, look);
    view.failback_due = failback_is_due(instance, look, promotion_score(view) == 900);
    const auto state = look.stuck == StandbyStep::refuse_foreign ? "foreign"
                       : look.uncompared && !is_lost(look.kinship)
                           ? "outdated"
                           : shown_state(look.kinship, standby_state(view, false, false));
    instance.attributes.set_promotion_score(promotion_score(view));
    if (state == "unrelated" &&
        instance.attributes.last_written(instance.attribute("state")) != state)
        log::error("not promoted: ", why_not_promotable(view.standing));
    instance.set_state(state);
    publish_kinship(instance, look.kinship);
}

}  // namespace duet::mysql
