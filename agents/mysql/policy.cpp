// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy.hpp"

#include <algorithm>
#include <charconv>

namespace duet::mysql {

namespace {

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

// What a standby that lags by this much is worth: 800 just behind, 500 far behind.
int late_score(Milliseconds delay) {
    if (delay < std::chrono::seconds(30)) return 800;
    if (delay < std::chrono::seconds(60)) return 700;
    if (delay < std::chrono::seconds(120)) return 600;
    return 500;
}

bool may_be_promoted(const Standing& standing, Durability durability) {
    if (standing.alone) return durability == Durability::async || standing.known() == 0;
    if (is_last(standing) || is_granted(standing) || is_first_start(standing)) return true;
    return durability == Durability::async && !standing.life.empty() && is_superseded(standing);
}

constexpr Milliseconds late_from{15'000};  // once in time, late only above this
constexpr Milliseconds late_until{5'000};  // once late, in time only below this

}  // namespace

std::optional<Epoch> parse_epoch(std::string_view text) {
    const auto slash = text.find('/');
    const auto epoch = number(text.substr(0, slash));
    if (!epoch) return std::nullopt;
    if (slash == std::string_view::npos) return Epoch{*epoch, std::nullopt};
    const auto over = number(text.substr(slash + 1));
    if (!over) return std::nullopt;
    return Epoch{*epoch, over};
}

std::string to_text(const Epoch& epoch) {
    const auto text = std::to_string(epoch.number);
    return epoch.forced_over ? text + '/' + std::to_string(*epoch.forced_over) : text;
}

std::optional<Grant> parse_grant(const std::string& text) {
    const auto first = text.find(':'), second = text.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) return std::nullopt;
    const auto word = text.substr(0, first), middle = text.substr(first + 1, second - first - 1);
    Grant grant;
    grant.revoked = word == "none";
    const auto epoch = parse_epoch(grant.revoked ? middle : word);
    if (!epoch) return std::nullopt;
    grant.epoch = *epoch;
    if (!grant.revoked) grant.life = middle;
    grant.sequence = text.substr(second + 1);
    if ((grant.life.empty() && !grant.revoked) || grant.sequence.empty()) return std::nullopt;
    return grant;
}

std::string to_text(const Grant& grant) {
    const auto epoch = to_text(grant.epoch);
    return (grant.revoked ? "none:" + epoch : epoch + ':' + grant.life) + ':' + grant.sequence;
}

std::optional<Claim> parse_claim(const std::string& text) {
    if (text == "0:data") return Claim{{}, true};
    const auto epoch = parse_epoch(text);
    if (!epoch) return std::nullopt;
    return Claim{*epoch, epoch->number > 0};
}

std::string to_text(const Claim& claim) {
    return claim.epoch.number == 0 && claim.has_data ? "0:data" : to_text(claim.epoch);
}

int Standing::known() const {
    return std::max({peer_seen.number, claim ? claim->epoch.number : 0,
                     grant ? grant->epoch.number : 0});
}

bool is_superseded(const Standing& standing) { return standing.known() > standing.own.number; }

bool is_last(const Standing& standing) {
    return standing.own.number > standing.known() && standing.claim.has_value();
}

bool is_forced(const Standing& standing) {
    return !standing.peer_member &&
           standing.force == std::max(standing.own.number, standing.known());
}

bool is_contested(const Standing& standing) {
    const auto& over = standing.peer_seen.forced_over;
    return standing.own.forced_over || (over && standing.own.number >= *over);
}

bool is_granted(const Standing& standing) {
    const auto& grant = standing.grant;
    return grant && !grant->revoked && grant->epoch.number > standing.own.number &&
           grant->epoch.number >= standing.known() && !standing.life.empty() &&
           grant->life == standing.life;
}

bool is_first_start(const Standing& standing) {
    if (standing.own.number != 0 || standing.known() != 0 || !standing.claim) return false;
    if (standing.has_data != standing.claim->has_data) return standing.has_data;
    return !standing.has_data && standing.preferred;
}

bool is_unrelated(const Standing& standing) {
    // A server that has not answered yet is taken for one with data.
    const auto& state = standing.peer_state;
    const bool knows = !state.empty() && state != "starting" && state != "recovering" &&
                       state != "stopping" && state != "stopped";
    return standing.own.number == 0 && standing.known() == 0 && standing.has_data && standing.claim &&
           standing.claim->has_data && knows;
}

bool is_by_force(const Standing& standing, Durability durability) {
    return !standing.alone && is_forced(standing) && !may_be_promoted(standing, durability);
}

bool is_promotable(const Standing& standing, Durability durability) {
    return may_be_promoted(standing, durability) || is_by_force(standing, durability);
}

std::string why_not_promotable(const Standing& standing) {
    if (standing.alone)
        return "it has had a peer, and without a cluster nobody can say who was promoted last";
    if (!standing.claim && !is_superseded(standing))
        return "the other server has not said yet whether it was promoted later";
    if (standing.own.number == 0 && standing.known() == 0)
        return standing.has_data ? "both servers have data and neither was ever promoted by duet: "
                                   "empty the one that shall follow"
                                 : "it is empty and the other server begins";
    if (!standing.grant) return "the active server has not granted it the role";
    if (standing.grant->revoked) return "the active server went on alone and revoked its grant";
    if (standing.grant->life != standing.life)
        return "its mysqld was restarted since the active server granted it the role";
    return "its grant is older than the last promotion";
}

bool opens_waiting(const Standing& standing, Durability durability) {
    if (durability == Durability::async || standing.alone) return false;
    return standing.peer_member || (standing.fencing && !standing.peer_certified);
}

int next_epoch(int own, int known, int index, int count) {
    int epoch = std::max(own, known) + 1;
    while (epoch % count != index) ++epoch;
    return epoch;
}

RecoveryRole recovery_role(const Standing& standing) {
    return is_superseded(standing) && !is_contested(standing) ? RecoveryRole::replica
                                                              : RecoveryRole::source;
}

PromoteStep toward_promoted(const PromoteView& view) {
    if (view.epoch_written) {
        // The order file, cluster, waiting, open is what keeps a promotion from being forgotten.
        if (view.standing.known() >= view.standing.own.number) return PromoteStep::refuse;
        if (!view.epoch_published) return PromoteStep::publish_epoch;
        if (!view.waiting) return PromoteStep::wait_on;
        return view.open ? PromoteStep::done : PromoteStep::open;
    }
    if (!is_promotable(view.standing, view.durability)) return PromoteStep::refuse;
    // Who forces goes on with what is applied, where the rest cannot be.
    const bool applies = !is_by_force(view.standing, view.durability);
    if (view.applier_failed && applies) return PromoteStep::refuse;
    if (!view.announced) return PromoteStep::announce;
    if (view.peer_starting)
        return view.waited_for_peer ? PromoteStep::refuse : PromoteStep::wait_for_peer;
    if (view.behind_peer)
        return view.gave_up_catching_up || !view.receiver_runs ? PromoteStep::refuse
                                                               : PromoteStep::catch_up;
    // An applier that is started while no receiver runs begins with an empty relay log.
    if (view.receiver_runs)
        return view.applier_runs || view.applier_failed ? PromoteStep::stop_receiver
                                                        : PromoteStep::start_applier;
    if (view.backlog && view.applier_runs) return PromoteStep::drain;
    if (view.backlog && applies) return PromoteStep::refuse;
    // Whatever the receiver may still have written is unacknowledged, and must not be applied later.
    if (view.applier_runs) return PromoteStep::stop_applier;
    if (!view.consented) return PromoteStep::revoke;
    return PromoteStep::write_epoch;
}

std::string why_refused(const PromoteView& view) {
    if (view.applier_failed) return "its applier has stopped with an error";
    if (view.epoch_written) return "the other server was promoted at the same time";
    if (view.backlog && !view.receiver_runs && !view.applier_runs)
        return "its applier was stopped before it had applied everything received";
    if (view.peer_starting) return "the other server, promoted last, is coming up";
    if (view.behind_peer)
        return "it has not applied everything that the other server committed";
    return why_not_promotable(view.standing);
}

bool holds_valid_grant(const ActiveView& view) {
    return view.grant && !view.grant->revoked && view.grant->epoch.number == view.own &&
           view.grant->life == view.peer_life && !view.peer_life.empty();
}

bool is_revoked(const ActiveView& view) {
    // Without fencing a lost peer that was never granted cannot be promoted, for want of our consent.
    // With it, it can: when it is last and has fenced this server.
    if (!view.peer_member)
        return view.peer_certified || (!view.granted_since_promotion && !view.fencing);
    const auto shows = [&](const std::optional<Grant>& grant) {
        return grant && grant->revoked && grant->sequence == view.revocation;
    };
    return !view.revocation.empty() && shows(view.grant) && shows(view.peers_copy) &&
           view.peer_claimed && !view.peer_promoting;
}

namespace {

// Waiting, a marker acknowledged by the same life, the grant: in this order (protocol R5).
ActiveStep toward_grant(const ActiveView& view) {
    if (!view.standby_connected || view.peer_life.empty() || !view.peer_member)
        return ActiveStep::none;
    if (!view.waiting) return ActiveStep::wait_again;
    if (view.marked_life != view.peer_life) return ActiveStep::mark;
    return view.forced ? ActiveStep::settle_force : ActiveStep::grant;
}

}  // namespace

ActiveStep toward_safety(const ActiveView& view, const ActiveLimits& limits) {
    if (view.known > view.own) return ActiveStep::step_down;
    if (view.durability == Durability::async)
        return view.waiting ? ActiveStep::go_solo : ActiveStep::none;
    // The server takes the connection of a host without power for alive until TCP gives it up.
    const bool dead = !view.peer_member && view.peer_certified;
    const bool gone = view.standby_leaving || dead ||
                      (!view.standby_connected &&
                       (!view.peer_member || view.standby_silent >= limits.standby_timeout));
    if (gone) {
        if (!view.waiting) return ActiveStep::none;
        if (is_revoked(view)) return ActiveStep::go_solo;
        // A lost node that is not known to be dead may still be promoted by its grant: wait.
        if (!view.peer_member) return ActiveStep::none;
        return view.revocation.empty() ? ActiveStep::revoke : ActiveStep::await_revocation;
    }
    if (view.waiting && holds_valid_grant(view)) return ActiveStep::none;
    return toward_grant(view);
}

ActiveStep toward_handover(const ActiveView& view) {
    if (view.known >= view.own || view.durability == Durability::async || holds_valid_grant(view))
        return ActiveStep::none;
    return toward_grant(view);
}

StandbyStep toward_standby(const StandbyView& view) {
    if (view.open) return StandbyStep::close;
    if (view.semi_sync_source) return StandbyStep::source_off;
    if (!view.semi_sync_replica) return StandbyStep::replica_on;
    if (view.channel_foreign) return StandbyStep::refuse_foreign;
    if (!view.superseded)
        return view.receiver == Receiver::stopped ? StandbyStep::none : StandbyStep::stop_receiver;
    if (view.receiver_failed || view.applier_failed) return StandbyStep::none;
    if (!view.channel_right)
        return view.receiver == Receiver::stopped ? StandbyStep::configure_channel
                                                  : StandbyStep::stop_receiver;
    if (view.receiver == Receiver::stopped) return StandbyStep::start_receiver;
    return view.applier_runs ? StandbyStep::none : StandbyStep::start_applier;
}

int promotion_score(const ScoreView& view) {
    if (view.promoted) return 1000;
    if (!is_promotable(view.standing, view.durability) || view.standing.life.empty())
        return ineligible;
    if (is_last(view.standing) || is_first_start(view.standing)) return 950;
    if (view.standing.alone) return 900;
    // Whoever is last or granted serves better, if it should appear after all.
    if (is_by_force(view.standing, view.durability)) return 400;
    if (!view.replicating) return ineligible;
    const auto limit = view.was_late ? late_until : late_from;
    if (!view.delay || *view.delay >= limit)
        return late_score(view.delay.value_or(Milliseconds::max()));
    return view.failback_due ? 1100 : 900;
}

std::string standby_state(const ScoreView& view, bool diverged, bool recovering) {
    if (recovering) return "recovering";
    if (diverged) return "diverged";
    if (is_last(view.standing) || is_first_start(view.standing)) return "last";
    if (is_by_force(view.standing, view.durability)) return "forced";
    if (is_unrelated(view.standing)) return "unrelated";
    if (!view.replicating && is_superseded(view.standing)) return "broken";
    if (!is_superseded(view.standing)) return "waiting";
    const auto score = promotion_score(view);
    if (score == ineligible) return "outdated";
    if (score < 900) return "behind";
    return view.durability == Durability::async ? "following" : "granted";
}

bool is_held_back(const FailbackView& view) {
    return view.limit_per_hour != 0 && view.failbacks_last_hour >= view.limit_per_hour;
}

bool is_failback_due(const FailbackView& view) {
    return view.granted && view.preferred && view.failback == Failback::automatic &&
           view.caught_up && view.requirements_met && view.good_for &&
           *view.good_for >= view.delay && !is_held_back(view);
}

}  // namespace duet::mysql
