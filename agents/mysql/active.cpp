// SPDX-License-Identifier: GPL-2.0-or-later
// The active's side of the pair: who may acknowledge, and whether the standby may take over.
#include <algorithm>

#include "actions.hpp"
#include "file.hpp"
#include "link.hpp"
#include "log.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr Milliseconds settled_for{10'000};      // how long a settled pair is not looked at again
constexpr Milliseconds revocation_patience{2'000};  // then it is written anew
constexpr Milliseconds leaving_for{30'000};      // how long an announced stop is believed to come
constexpr Milliseconds connecting{100};          // between two looks at a standby that comes up

class Active {
  public:
    Active(Instance& instance, const Process& process, bool leaving)
        : instance_(instance),
          process_(process),
          leaving_(leaving),
          database_(instance.connect()) {}

    // True while there is more to do.
    bool turn();
    // The same of a closed server; false as well when there is nobody to grant to.
    bool handover_turn();
    void stop_waiting() { database_.set_waiting(false); }
    bool waiting() const { return waiting_; }

  private:
    ActiveView look();
    void look_at_peer(ActiveView& view, const ClusterView& cluster);
    bool is_settled() const;
    Milliseconds cut_off_for(const DatabaseView& database) const;
    bool is_announced(const std::string& life) const;
    bool act(ActiveStep step, const ActiveView& view);
    void revoke();
    void await_revocation();
    bool mark(const std::string& life);
    void grant(const std::string& life);
    [[noreturn]] void step_down(int known);

    Instance& instance_;
    const Process& process_;
    bool leaving_;
    Database database_;
    bool waiting_ = false;
    bool settled_ = false;
};

bool Active::is_settled() const {
    const auto looked = instance_.notes.since("looked");
    return !leaving_ && looked && *looked < settled_for &&
           instance_.notes.get("settled") == cat(instance_.record.own.number);
}

// Zero when it answers. While commits wait and none does nobody is stalled, and the table need not be
// read; on a server that is solo it tells a new connection from the dead one of before.
Milliseconds Active::cut_off_for(const DatabaseView& database) const {
    if (database.semi_sync_source && database.waiting_commits == 0) return Milliseconds(0);
    const auto peers = parse_peers(instance_.config.peers, default_port);
    const auto* self = peers.find(instance_.call.node);
    if (!self) return Milliseconds(0);
    const auto table = read_file("/proc/self/net/tcp").value_or("") +
                       read_file("/proc/self/net/tcp6").value_or("");
    return unanswered_for(table, instance_.peer()->address, self->port).value_or(Milliseconds(0));
}

ActiveView Active::look() {
    ActiveView view;
    const auto database = database_.look();
    view.own = instance_.record.own.number;
    view.durability = instance_.durability();
    view.waiting = waiting_ = database.semi_sync_source;
    const auto cut_off = cut_off_for(database);
    view.standby_connected =
        database.semi_sync_replicas > 0 && cut_off < instance_.config.standby_timeout;
    if (view.standby_connected) {
        instance_.notes.erase("silent");
    } else {
        view.standby_silent = std::max(instance_.notes.running("silent"), cut_off);
    }
    if ((settled_ = view.standby_connected && is_settled())) return view;
    instance_.publish_claim(true);  // once more: a restarted pacemaker-attrd has forgotten it
    const auto cluster = instance_.look();
    const auto standing = instance_.standing(cluster, true);
    view.known = standing.known();
    view.peer_member = standing.peer_member;
    view.peer_certified = standing.peer_certified;
    view.fencing = standing.fencing;
    view.forced = standing.force || standing.own.forced_over;
    look_at_peer(view, cluster);
    instance_.notes.set("looked", cat(Notes::now()));
    return view;
}

// A transition can be aborted between the notification and the stop: then the standby stays, and
// must be granted again.
bool Active::is_announced(const std::string& life) const {
    const auto since = instance_.notes.since("leaving since");
    return !life.empty() && instance_.notes.get("leaving") == life && since && *since < leaving_for;
}

void Active::look_at_peer(ActiveView& view, const ClusterView& cluster) {
    auto& notes = instance_.notes;
    const auto& node = instance_.peer()->node;
    view.peer_life = cluster.attribute(node, instance_.attribute("life")).value_or("");
    view.grant = instance_.grant_on(cluster, node);
    const auto state = cluster.attribute(node, instance_.attribute("state"));
    const bool stopped = state == "stopping" || (view.peer_life.empty() &&
                                                 (state == "stopped" || state == "seeding"));
    notes.set("seed wanted", cluster.attribute(node, instance_.attribute("seed")).value_or(""));
    view.standby_leaving = leaving_ || stopped || is_announced(view.peer_life);
    view.granted_since_promotion = notes.get("ungranted") != cat(view.own);
    view.revocation = notes.get("revocation").value_or("");
    view.marked_life = notes.get("marked").value_or("");
    if (view.revocation.empty() || !view.peer_member) return;
    // What stands in our copy proves nothing: ours is delivered before the peer's.
    const auto theirs =
        look_at_cluster_of(node, instance_.call.deadline.at_most(revocation_patience));
    if (!theirs) return;
    view.peers_copy = instance_.grant_on(*theirs, node);
    const auto claim = theirs->attribute(node, instance_.attribute("claim"));
    const auto parsed = claim ? parse_claim(*claim) : std::nullopt;
    view.peer_claimed = parsed && parsed->epoch.number <= view.own;
    view.peer_promoting = theirs->attribute(node, instance_.attribute("state")) == "promoting";
}

void Active::revoke() {
    const auto sequence = random_word();
    instance_.notes.erase("settled");
    instance_.notes.erase("marked");
    instance_.notes.erase("revocation since");
    log::info("revoking the grant of ", instance_.peer()->node,
              ": commits wait until that is seen there");
    Grant revoked;
    revoked.revoked = true;
    revoked.epoch = instance_.record.own;
    revoked.sequence = sequence;
    if (instance_.attributes.set_for(instance_.peer()->node, instance_.attribute("grant"),
                                     to_text(revoked)))
        instance_.notes.set("revocation", sequence);
}

void Active::await_revocation() {
    if (instance_.notes.running("revocation since") > revocation_patience)
        instance_.notes.erase("revocation");
    instance_.call.deadline.pause(Milliseconds(20), "the standby to see the revocation");
}

bool Active::mark(const std::string& life) {
    try {
        database_.write_marker(instance_.call.node, life);
    } catch (const SqlError& error) {
        log::warning("the standby did not acknowledge the marker: ", error.what());
        return false;
    }
    instance_.notes.set("marked", life);
    return true;
}

void Active::grant(const std::string& life) {
    auto& notes = instance_.notes;
    // With the old sequence in hand, the old revocation would still be seen in both copies while the
    // new grant is on its way, and would pass for one of the new grant.
    for (const auto* note : {"ungranted", "marked", "revocation", "revocation since"})
        notes.erase(note);
    Grant grant;
    grant.epoch = instance_.record.own;
    grant.life = life;
    grant.sequence = random_word();
    const auto& node = instance_.peer()->node;
    if (!instance_.attributes.set_for(node, instance_.attribute("grant"), to_text(grant))) return;
    log::info("granted ", node, " the role for epoch ", to_text(grant.epoch), ", life ", life);
}

void Active::step_down(int known) {
    log::error("the other server was promoted with epoch ", known, ", this one has ",
               instance_.record.own.number, ": ending mysqld at once");
    end_hard(process_, instance_.call.deadline);
    throw Failure(Exit::failed_promoted,
                  cat("superseded: the other server was promoted with epoch ", known));
}

bool Active::act(ActiveStep step, const ActiveView& view) {
    auto& notes = instance_.notes;
    switch (step) {
        case ActiveStep::none:
            if (!settled_ && holds_valid_grant(view) && view.waiting)
                notes.set("settled", cat(view.own));
            return false;
        case ActiveStep::step_down: step_down(view.known);
        case ActiveStep::revoke: revoke(); return true;
        case ActiveStep::await_revocation: await_revocation(); return true;
        case ActiveStep::go_solo:
            if (view.forced) instance_.mark_forced();
            database_.set_waiting(false);
            waiting_ = false;
            // Revoked as it is, no grant stands in the way of a promotion after a restart.
            if (view.durability == Durability::lossless) notes.set("ungranted", cat(view.own));
            for (const auto* note : {"revocation", "revocation since", "settled", "marked"})
                notes.erase(note);
            log::warning("solo: commits no longer wait for ", instance_.peer()->node);
            return true;
        case ActiveStep::wait_again:
            notes.erase("revocation");
            notes.erase("marked");
            database_.set_waiting(true);
            log::info("commits wait for ", instance_.peer()->node, " again");
            return true;
        case ActiveStep::mark: return mark(view.peer_life);
        case ActiveStep::settle_force:
            instance_.settle_force();
            instance_.call.deadline.pause(Milliseconds(20), "the cluster to forget the force");
            return true;
        case ActiveStep::grant: grant(view.peer_life); return false;
    }
    return false;
}

bool Active::turn() {
    const auto view = look();
    if (settled_) return false;
    const ActiveLimits limits{instance_.config.standby_timeout};
    return act(toward_safety(view, limits), view);
}

bool Active::handover_turn() {
    const auto view = look();
    if (settled_) return false;
    const auto step = toward_handover(view);
    if (step != ActiveStep::none) return act(step, view);
    const bool is_coming = !view.standby_connected && !view.peer_life.empty() && view.peer_member;
    if (is_coming) instance_.call.deadline.pause(connecting, "the standby to connect");
    return is_coming && view.known < view.own;
}

}  // namespace

void tend_active(Instance& instance, const Process& process, bool leaving, Milliseconds limit) {
    if (!instance.peer()) return;
    const auto end = instance.call.deadline.at_most(limit);
    Active active(instance, process, leaving);
    while (active.turn() && !end.expired()) {
    }
    const bool solo = !active.waiting() && instance.durability() == Durability::lossless;
    instance.set_state(solo ? "solo" : "promoted");
}

void hand_over(Instance& instance, const Process& process, Milliseconds limit) {
    const auto& peer = instance.peer();
    if (!peer || instance.record.own.number <= instance.record.peer_seen[peer->node].number) return;
    const auto end = instance.call.deadline.at_most(limit);
    Active active(instance, process, false);
    while (active.handover_turn() && !end.expired()) {
    }
    if (active.waiting()) active.stop_waiting();
}

}  // namespace duet::mysql
