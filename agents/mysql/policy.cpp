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

constexpr Milliseconds late_from{15'000};  // once in time, late only above this
constexpr Milliseconds late_until{5'000};  // once late, in time only below this

}  // namespace

std::optional<Grant> parse_grant(const std::string& text) {
    const auto first = text.find(':');
    if (first == std::string::npos) return std::nullopt;
    Grant grant;
    if (text.substr(0, first) == "none") {
        grant.revoked = true;
        const auto colon = text.find(':', first + 1);
        if (colon == std::string::npos) return std::nullopt;
        const auto epoch = number(std::string_view(text).substr(first + 1, colon - first - 1));
        grant.sequence = text.substr(colon + 1);
        if (!epoch || grant.sequence.empty()) return std::nullopt;
        grant.epoch = *epoch;
        return grant;
    }
    const auto second = text.find(':', first + 1);
    const auto epoch = number(std::string_view(text).substr(0, first));
    if (second == std::string::npos || !epoch) return std::nullopt;
    grant.epoch = *epoch;
    grant.life = text.substr(first + 1, second - first - 1);
    grant.sequence = text.substr(second + 1);
    if (grant.life.empty() || grant.sequence.empty()) return std::nullopt;
    return grant;
}

std::string to_text(const Grant& grant) {
    if (grant.revoked) return "none:" + std::to_string(grant.epoch) + ':' + grant.sequence;
    return std::to_string(grant.epoch) + ':' + grant.life + ':' + grant.sequence;
}

std::optional<Claim> parse_claim(const std::string& text) {
    if (text == "0:data") return Claim{0, true};
    const auto epoch = number(text);
    if (!epoch) return std::nullopt;
    return Claim{*epoch, *epoch > 0};
}

std::string to_text(const Claim& claim) {
    return claim.epoch == 0 && claim.has_data ? "0:data" : std::to_string(claim.epoch);
}

int Standing::known() const {
    return std::max({peer_seen, claim ? claim->epoch : 0, grant ? grant->epoch : 0});
}

bool is_superseded(const Standing& standing) { return standing.known() > standing.own; }

bool is_last(const Standing& standing) {
    return standing.own > standing.known() && standing.claim.has_value();
}

bool is_granted(const Standing& standing) {
    const auto& grant = standing.grant;
    return grant && !grant->revoked && grant->epoch > standing.own &&
           grant->epoch >= standing.known() && !standing.life.empty() &&
           grant->life == standing.life;
}

bool is_first_start(const Standing& standing) {
    if (standing.own != 0 || standing.known() != 0 || !standing.claim) return false;
    if (standing.has_data != standing.claim->has_data) return standing.has_data;
    return !standing.has_data && standing.preferred;
}

bool is_unrelated(const Standing& standing) {
    // A server that has not answered yet is taken for one with data.
    const auto& state = standing.peer_state;
    const bool knows = !state.empty() && state != "starting" && state != "recovering" &&
                       state != "stopped";
    return standing.own == 0 && standing.known() == 0 && standing.has_data && standing.claim &&
           standing.claim->has_data && knows;
}

bool is_promotable(const Standing& standing, Durability durability) {
    if (standing.alone) return durability == Durability::async || standing.known() == 0;
    if (is_last(standing) || is_granted(standing) || is_first_start(standing)) return true;
    return durability == Durability::async && !standing.life.empty() && is_superseded(standing);
}

std::string why_not_promotable(const Standing& standing) {
    if (standing.alone)
        return "it has had a peer, and without a cluster nobody can say who was promoted last";
    if (!standing.claim && !is_superseded(standing))
        return "the other server has not said yet whether it was promoted later";
    if (standing.own == 0 && standing.known() == 0)
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
    return is_superseded(standing) ? RecoveryRole::replica : RecoveryRole::source;
}

PromoteStep toward_promoted(const PromoteView& view) {
    if (view.epoch_written) {
        // The order file, cluster, waiting, open is what keeps a promotion from being forgotten.
        if (view.standing.known() >= view.standing.own) return PromoteStep::refuse;
        if (!view.epoch_published) return PromoteStep::publish_epoch;
        if (!view.waiting) return PromoteStep::wait_on;
        return view.open ? PromoteStep::done : PromoteStep::open;
    }
    if (!is_promotable(view.standing, view.durability) || view.applier_failed)
        return PromoteStep::refuse;
    if (!view.announced) return PromoteStep::announce;
    if (view.peer_starting)
        return view.waited_for_peer ? PromoteStep::refuse : PromoteStep::wait_for_peer;
    if (view.behind_peer)
        return view.gave_up_catching_up || !view.receiver_runs ? PromoteStep::refuse
                                                               : PromoteStep::catch_up;
    // An applier that is started while no receiver runs begins with an empty relay log.
    if (view.receiver_runs)
        return view.applier_runs ? PromoteStep::stop_receiver : PromoteStep::start_applier;
    if (view.backlog) return view.applier_runs ? PromoteStep::drain : PromoteStep::refuse;
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
    return view.grant && !view.grant->revoked && view.grant->epoch == view.own &&
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

ActiveStep toward_safety(const ActiveView& view, const ActiveLimits& limits) {
    if (view.known > view.own) return ActiveStep::step_down;
    if (view.durability == Durability::async)
        return view.waiting ? ActiveStep::go_solo : ActiveStep::none;
    const bool gone = view.standby_leaving ||
                      (!view.standby_connected &&
                       (!view.peer_member || view.standby_silent >= limits.standby_timeout));
    if (gone) {
        if (!view.waiting) return ActiveStep::none;
        if (is_revoked(view)) return ActiveStep::go_solo;
        // A lost node that is not known to be dead may still be promoted by its grant: wait.
        if (!view.peer_member) return ActiveStep::none;
        return view.revocation.empty() ? ActiveStep::revoke : ActiveStep::await_revocation;
    }
    if (!view.standby_connected || view.peer_life.empty() || !view.peer_member)
        return ActiveStep::none;
    if (!view.waiting) return ActiveStep::wait_again;
    if (holds_valid_grant(view)) return ActiveStep::none;
    return view.marked_life == view.peer_life ? ActiveStep::grant : ActiveStep::mark;
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
    if (is_unrelated(view.standing)) return "unrelated";
    if (!view.replicating && is_superseded(view.standing)) return "broken";
    if (!is_superseded(view.standing)) return "waiting";
    const auto score = promotion_score(view);
    if (score == ineligible) return "outdated";
    if (score < 900) return "behind";
    return view.durability == Durability::async ? "following" : "granted";
}

bool is_failback_due(const FailbackView& view) {
    return view.granted && view.preferred && view.failback == Failback::automatic &&
           view.caught_up && view.requirements_met && view.good_for &&
           *view.good_for >= view.delay &&
           (view.limit_per_hour == 0 || view.failbacks_last_hour < view.limit_per_hour);
}

}  // namespace duet::mysql
