// SPDX-License-Identifier: GPL-2.0-or-later
#include "actions.hpp"
#include "gtid.hpp"
#include "kin.hpp"
#include "log.hpp"
#include "seed.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr Milliseconds glance{10};  // between two looks at something that comes at once
constexpr Milliseconds revocation_patience{2'000};  // then it is written anew
constexpr std::chrono::seconds leave_taking{10};    // of a receiver from its source

class Promotion {
  public:
    Promotion(Instance& instance, const Process& process)
        : instance_(instance), process_(process), database_(instance.connect()) {}

    void run();

  private:
    PromoteView look();
    void look_at_cluster();
    void act(PromoteStep step);
    void announce();
    void stop_receiver();
    void revoke();
    void write_epoch();
    void refuse();
    bool needs_waiting() const;
    bool is_consented() const;

    Instance& instance_;
    const Process& process_;
    Database database_;
    ClusterView cluster_;
    Standing standing_;
    PromoteView view_;
    std::string final_;       // of the closed other server, where it told one
    std::string revocation_;  // sequence of ours
    Deadline revoked_until_ = Deadline::after(Milliseconds(0));
    bool receiver_killed_ = false;
    bool stale_ = true;       // the cluster must be looked at before the next decision
};

void Promotion::look_at_cluster() {
    cluster_ = instance_.look();
    standing_ = instance_.standing(cluster_, true);
    if (standing_.own == 0) standing_.has_data = database_.has_data();
    stale_ = false;
    view_.announced = standing_.alone || cluster_.attribute(instance_.call.node,
                                                            instance_.attribute("state")) ==
                                             "promoting";
    view_.epoch_published =
        standing_.alone || cluster_.attribute(instance_.call.node, instance_.attribute("claim")) ==
                               to_text(Claim{instance_.record.own, true});
    view_.peer_starting = standing_.peer_member && standing_.peer_state == "starting" &&
                          !is_last(standing_);
}

bool Promotion::needs_waiting() const { return opens_waiting(standing_, instance_.durability()); }

bool Promotion::is_consented() const {
    if (instance_.durability() == Durability::async || !is_last(standing_)) return true;
    ActiveView view;
    view.own = instance_.record.own.number;
    view.peer_member = standing_.peer_member;
    view.peer_certified = standing_.peer_certified;
    view.fencing = standing_.fencing;
    view.granted_since_promotion = instance_.notes.get("ungranted") != cat(view.own);
    view.revocation = revocation_;
    if (!standing_.peer_member || revocation_.empty()) return is_revoked(view);
    const auto& node = instance_.peer()->node;
    view.grant = instance_.grant_on(cluster_, node);
    const auto theirs =
        look_at_cluster_of(node, instance_.call.deadline.at_most(Milliseconds(2'000)));
    if (!theirs) return false;
    view.peers_copy = instance_.grant_on(*theirs, node);
    const auto claim = theirs->attribute(node, instance_.attribute("claim"));
    const auto parsed = claim ? parse_claim(*claim) : std::nullopt;
    view.peer_claimed = parsed && parsed->epoch.number <= view.own;
    view.peer_promoting = theirs->attribute(node, instance_.attribute("state")) == "promoting";
    return is_revoked(view);
}

PromoteView Promotion::look() {
    if (stale_) look_at_cluster();
    const auto database = database_.look();
    view_.standing = standing_;
    view_.durability = instance_.durability();
    view_.receiver_runs = database.receiver != Receiver::stopped && !receiver_killed_;
    view_.applier_runs = database.applier_runs;
    view_.applier_failed = database.channel && is_superseded(standing_) && !database.applier_runs &&
                           database.applier_errno != 0;
    view_.backlog = is_superseded(standing_) &&
                    !covers(database.applied_position, database.received_position);
    view_.behind_peer = !final_.empty() && !covers(database.applied_position, final_);
    view_.consented = view_.announced && is_consented();
    view_.waiting = database.semi_sync_source || !needs_waiting();
    view_.open = database.open;
    return view_;
}

void Promotion::announce() {
    instance_.set_state("promoting");
    const auto end = instance_.call.deadline.at_most(Milliseconds(5'000));
    while (!view_.announced) {
        look_at_cluster();
        if (!view_.announced) end.pause(glance, "the cluster to show this promotion");
    }
    // "EPOCH POSITION", of the promotion that the other server has just been demoted from.
    if (!instance_.peer() || !standing_.peer_member || !is_granted(standing_)) return;
    const auto text =
        instance_.attributes.get(instance_.peer()->node, instance_.attribute("final"));
    const auto words = split_words(text.value_or(""));
    if (words.size() == 2 && words[0] == cat(standing_.known())) final_ = words[1];
}

// Nobody waits for an acknowledgement of a receiver whose source is certified dead, so nobody need
// wait for its end either.
void Promotion::stop_receiver() {
    receiver_killed_ = standing_.peer_certified;
    if (receiver_killed_) {
        database_.kill_receiver();
    } else {
        // Longer than a look takes: the source may be there and the network to it cut.
        instance_.connect(leave_taking).stop_receiver();
    }
}

void Promotion::revoke() {
    if (!standing_.peer_member) {
        instance_.call.deadline.pause(Milliseconds(100),
                                      "the other server to be fenced or to come back");
    } else if (revocation_.empty() || revoked_until_.expired()) {
        // Anew after a while: the other's pacemaker-attrd may have been restarted and lost it.
        revocation_ = random_word();
        revoked_until_ = Deadline::after(revocation_patience);
        Grant grant;
        grant.revoked = true;
        grant.epoch = instance_.record.own;
        grant.sequence = revocation_;
        instance_.attributes.set_for(instance_.peer()->node, instance_.attribute("grant"),
                                     to_text(grant));
    } else {
        instance_.call.deadline.pause(glance, "the other server to see that its grant is revoked");
    }
    stale_ = true;
}

void Promotion::write_epoch() {
    // The last look at the grant, after everything that took time.
    look_at_cluster();
    if (!is_promotable(standing_, instance_.durability())) return;
    instance_.write_epoch(standing_, standing_.peer_member);
    instance_.notes.set("ungranted", cat(instance_.record.own.number));
    for (const auto* note : {"settled", "marked", "revocation", "granted life", "silent", "last"})
        instance_.notes.erase(note);
    view_.epoch_written = true;
    if (standing_.force) instance_.attributes.remove(instance_.attribute("force"));
    instance_.publish_claim(true);
    stale_ = true;
}

void Promotion::refuse() {
    const auto reason = cat("not promoted: ", why_refused(view_), kinship_clause(instance_));
    instance_.attributes.set_promotion_score(ineligible);
    instance_.set_state("refused");
    throw Failure(Exit::generic, reason);
}

void Promotion::act(PromoteStep step) {
    const auto& deadline = instance_.call.deadline;
    switch (step) {
        case PromoteStep::refuse: refuse(); break;
        case PromoteStep::announce: announce(); break;
        case PromoteStep::wait_for_peer:
            view_.waited_for_peer = true;
            deadline.pause(Milliseconds(2'000), "the other server, which is coming up");
            stale_ = true;
            break;
        case PromoteStep::catch_up:
            view_.gave_up_catching_up =
                !database_.wait_applied(final_, Milliseconds(1'000)) &&
                deadline.remaining() < Milliseconds(3'000);
            break;
        case PromoteStep::stop_receiver: stop_receiver(); break;
        case PromoteStep::start_applier: database_.start_applier(); break;
        case PromoteStep::stop_applier: database_.stop_applier(); break;
        case PromoteStep::drain: {
            const auto received = database_.look().received_position;
            if (!database_.wait_applied(received, Milliseconds(1'000)))
                deadline.pause(glance, "everything received to be applied");
            break;
        }
        case PromoteStep::revoke: revoke(); break;
        case PromoteStep::write_epoch: write_epoch(); break;
        case PromoteStep::publish_epoch:
            deadline.pause(glance, "the cluster to show the new epoch");
            stale_ = true;
            break;
        case PromoteStep::wait_on: database_.set_waiting(true); break;
        case PromoteStep::open:
            instance_.note_promoted(process_);
            database_.open();
            break;
        case PromoteStep::done: break;
    }
}

void Promotion::run() {
    for (;;) {
        const auto step = toward_promoted(look());
        if (step == PromoteStep::done) break;
        act(step);
    }
    log::info("promoted with epoch ", instance_.record.own.number);
    const bool solo = instance_.peer() && instance_.durability() == Durability::lossless &&
                      !needs_waiting();
    if (instance_.config.events) database_.set_events(true);
    instance_.set_state(solo ? "solo" : "promoted");
    instance_.attributes.set_promotion_score(1000);
}

}  // namespace

Exit promote(const Config& config, const Call& call) {
    Instance instance(config, call);
    if (is_being_seeded(instance))
        throw Failure(Exit::generic, "not promoted: it is being seeded from the other server");
    const auto process = instance.server.find();
    if (!process) throw Failure(Exit::not_running, "mysqld does not run and cannot be promoted");
    try {
        if (instance.is_promoted(*process) && instance.connect().look().open) return Exit::success;
        Promotion(instance, *process).run();
    } catch (const SqlError& error) {
        throw Failure(Exit::generic, cat("not promoted: ", error.what()));
    }
    return Exit::success;
}

}  // namespace duet::mysql
