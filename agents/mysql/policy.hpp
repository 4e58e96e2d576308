// SPDX-License-Identifier: GPL-2.0-or-later
// What the mysql agent decides. Values in, a value out: no clock, no server, no cluster.
//
// The words. Epoch: the number of a promotion, in a file beside the data (`own`) and as the claim
// that each server publishes. Superseded: the other server has been promoted since this one was.
// Last: this server's epoch is the highest, and the other has said what its own is. Life: one run
// of mysqld with its relay log; what was received but not applied is lost with it. Grant: the
// active's word, for one epoch and one life, that this standby holds everything acknowledged.
// Waiting: the active acknowledges a commit only when the standby has received it. Solo: it does
// not wait, after the grant was revoked and the revocation seen where it counts. Forced: a person
// said that this server goes on without the other one, as of the highest epoch known.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace duet::mysql {

using Milliseconds = std::chrono::milliseconds;

// The number of a promotion; of a forced one also the epoch over which it was forced, until the other
// server has been seen to hold nothing more: "8", "8/6".
struct Epoch {
    Epoch(int number_ = 0, std::optional<int> forced_over_ = std::nullopt)
        : number(number_), forced_over(forced_over_) {}
    int number;
    std::optional<int> forced_over;
    bool operator==(const Epoch&) const = default;
};
std::optional<Epoch> parse_epoch(std::string_view text);
std::string to_text(const Epoch& epoch);

// The value of a grant attribute: "EPOCH:LIFE:SEQ", or "none:EPOCH:SEQ" once revoked. SEQ is a new
// random word in each write, so that a revocation can be told from an older one. EPOCH is that of the
// server that wrote it: the attribute stands on the other node, and tells it of that epoch also when
// its agent next looks after the writer is gone, with its claim.
struct Grant {
    bool revoked = false;
    Epoch epoch;
    std::string life;
    std::string sequence;
    bool operator==(const Grant&) const = default;
};
std::optional<Grant> parse_grant(const std::string& text);
std::string to_text(const Grant& grant);

// The value of a claim attribute: the epoch of the file; "0:data" for a server that was never
// promoted under Duet but is not empty.
struct Claim {
    Epoch epoch;
    bool has_data = false;
    bool operator==(const Claim&) const = default;
};
std::optional<Claim> parse_claim(const std::string& text);
std::string to_text(const Claim& claim);

// How this server stands to the other one, as seen from this node.
struct Standing {
    Epoch own;                   // in the file beside the data
    Epoch peer_seen;             // the highest epoch of the peer this server ever saw (same file)
    std::optional<Claim> claim;  // the peer's, since this node's cluster start
    bool has_data = false;       // this server is not empty
    bool peer_member = false;    // in the cluster's membership
    bool peer_certified = false;  // not a member, and fenced or shut down in good order
    bool fencing = false;         // a lost server is going to be fenced
    std::string peer_state;       // the peer's state attribute
    std::optional<Grant> grant;   // on this node
    std::string life;             // of the mysqld that runs here; empty: none runs
    bool preferred = false;
    bool alone = false;  // no peer is configured, or no cluster runs
    std::optional<int> force;  // what a person wrote into the attribute of that name, on this node

    int known() const;  // K: the highest epoch of the peer from any source, its grants among them
};
bool is_superseded(const Standing& standing);
bool is_last(const Standing& standing);
bool is_granted(const Standing& standing);
// The person named the highest epoch that is known here, so an old command means nothing, and said it
// of a server that is not in the cluster.
bool is_forced(const Standing& standing);
// A promotion was forced, and whether either server holds what the other lacks is not known yet:
// nothing may be cut off or thrown away by itself.
bool is_contested(const Standing& standing);
// Both were never promoted: the one with data, else the preferred one, begins.
bool is_first_start(const Standing& standing);
// Both were never promoted, and both have data: two histories, of which somebody has to choose one.
bool is_unrelated(const Standing& standing);

enum class Durability { lossless, async };

bool is_promotable(const Standing& standing, Durability durability);
// Nothing but a person's word makes it so.
bool is_by_force(const Standing& standing, Durability durability);
// One clause for crm_mon; only meaningful when not promotable.
std::string why_not_promotable(const Standing& standing);

// Whether commits wait from the first one on. A peer that is lost and will be fenced may be the one
// that fences, and then it is promoted without what was acknowledged here meanwhile.
bool opens_waiting(const Standing& standing, Durability durability);

// The smallest number above both that no other server of the pair would choose (0 <= index < count).
int next_epoch(int own, int known, int index, int count);

// MariaDB's --init-rpl-role for this start: a replica's recovery cuts off what the engine had not
// committed, a source's keeps it. It may be the only copy unless the other has been promoted since.
enum class RecoveryRole { source, replica };
RecoveryRole recovery_role(const Standing& standing);

// ---- promote ----------------------------------------------------------------------------------

struct PromoteView {
    Standing standing;
    Durability durability = Durability::lossless;
    bool announced = false;       // this node's copy of the cluster shows it `promoting`
    bool peer_starting = false;   // the peer's state says that it is coming up
    bool waited_for_peer = false;  // ... and has been given its moment
    bool behind_peer = false;     // the peer is closed and its final position is not applied yet
    bool gave_up_catching_up = false;
    bool receiver_runs = false;
    bool applier_runs = false;
    bool applier_failed = false;
    bool backlog = false;         // received and not applied
    bool consented = false;       // the peer's revocation is confirmed, or its consent not needed
    bool epoch_written = false;   // this action wrote a new epoch into the file
    bool epoch_published = false;  // this node's copy of the cluster shows it
    bool waiting = false;         // commits wait for the standby
    bool open = false;            // clients may write
};
enum class PromoteStep {
    refuse,
    announce,
    wait_for_peer,
    catch_up,
    stop_receiver,
    start_applier,
    drain,
    stop_applier,
    revoke,
    write_epoch,
    publish_epoch,
    wait_on,
    open,
    done,
};
PromoteStep toward_promoted(const PromoteView& view);
std::string why_refused(const PromoteView& view);

// ---- the active's monitor ---------------------------------------------------------------------

struct ActiveView {
    int own = 0, known = 0;
    bool forced = false;             // a person's word, or what it led to, still stands
    Durability durability = Durability::lossless;
    bool waiting = false;            // semi-synchronous replication is on, without a time-out
    bool standby_connected = false;  // a semi-synchronous replica is connected
    Milliseconds standby_silent{0};  // for how long none was
    bool standby_leaving = false;    // Pacemaker said that it will stop, or that it has stopped
    bool peer_member = false;
    bool peer_certified = false;
    bool fencing = false;        // a lost server is going to be fenced
    bool peer_claimed = false;   // its claim is present, and not above ours
    bool peer_promoting = false;
    bool granted_since_promotion = false;
    std::string peer_life;            // the life the peer publishes; empty: none
    std::optional<Grant> grant;       // on the peer's node, in this node's copy
    std::optional<Grant> peers_copy;  // the same in the peer's own copy; nothing: not asked, silent
    std::string revocation;       // the sequence of the revocation written last; empty: none pending
    std::string marked_life;      // a marker written while waiting was acknowledged by this life
};
enum class ActiveStep {
    none,
    step_down,  // superseded: end mysqld hard
    revoke,
    await_revocation,
    go_solo,
    wait_again,
    mark,  // write a marker transaction and see it acknowledged
    settle_force,  // the standby has everything again: the person's word is over
    grant,
};
struct ActiveLimits {
    Milliseconds standby_timeout{2000};
};
ActiveStep toward_safety(const ActiveView& view, const ActiveLimits& limits);
// A closed server that is last can give the grant, too: nothing follows what the standby then
// acknowledges. It never revokes, and `none` means: granted, or not possible now.
ActiveStep toward_handover(const ActiveView& view);
bool is_revoked(const ActiveView& view);
bool holds_valid_grant(const ActiveView& view);

// ---- the standby's monitor --------------------------------------------------------------------

enum class Receiver { stopped, connecting, running };

struct StandbyView {
    bool superseded = false;
    bool open = false;            // clients could write here
    bool semi_sync_source = false;
    bool semi_sync_replica = false;
    bool channel_right = false;   // configured, towards the peer's address, and its login works
    bool channel_foreign = false;  // configured, towards somebody else
    Receiver receiver = Receiver::stopped;
    bool receiver_failed = false;  // stopped by an error that a retry does not mend
    bool applier_runs = false;
    bool applier_failed = false;
};
enum class StandbyStep {
    none,
    close,
    source_off,
    replica_on,
    refuse_foreign,
    configure_channel,
    start_receiver,
    stop_receiver,  // it runs although nobody supersedes this server
    start_applier,
};
StandbyStep toward_standby(const StandbyView& view);

// ---- score and state --------------------------------------------------------------------------

constexpr int ineligible = -1'000'000;  // -INFINITY

enum class Failback { automatic, manual, never };

struct ScoreView {
    Standing standing;
    Durability durability = Durability::lossless;
    bool promoted = false;
    bool replicating = false;        // receiver and applier have not failed
    std::optional<Milliseconds> delay;  // how far the applier is behind; nothing: unknown
    bool was_late = false;              // the score before was a late one
    bool failback_due = false;
};
int promotion_score(const ScoreView& view);
// The word of the state attribute for a server that runs and is not promoted.
std::string standby_state(const ScoreView& view, bool diverged, bool recovering);

struct FailbackView {
    bool granted = false;
    bool preferred = false;
    Failback failback = Failback::automatic;
    bool caught_up = false;
    bool requirements_met = false;
    std::optional<Milliseconds> good_for;  // all of the above without interruption
    Milliseconds delay{0};
    int failbacks_last_hour = 0;
    int limit_per_hour = 0;
};
bool is_held_back(const FailbackView& view);  // by the limit alone
bool is_failback_due(const FailbackView& view);

}  // namespace duet::mysql
