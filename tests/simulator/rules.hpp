// SPDX-License-Identifier: GPL-2.0-or-later
// What a schedule is run with: the pair's setup, and which rule of the protocol is switched off.
#pragma once

namespace duet::simulator {

struct Setup {
    bool fencing = true;
    bool truncates = true;  // MariaDB cuts a superseded server's tail at recovery; MySQL does not
};

// None: the agent as it is. Each other value breaks one rule, in what the decisions are told or in
// the order of the steps around them; the decisions themselves stay the agent's.
enum class Broken {
    none,
    peers_copy_unread,         // a revocation seen in the own copy is believed
    death_uncertified,         // a lost member counts as dead
    life_ignored,              // a grant outlives the relay log that it was given for
    epoch_before_apply,        // the epoch is written before everything received is applied
    no_marker,                 // granted as soon as the standby is connected
    executed_compared,         // the marker replaced by comparing what is committed
    last_without_consent,      // the last server is promoted without a revocation
    absence_revokes,           // no grant at the peer counts as a revoked one
    standby_grants_itself,     // the standby clears its own mark when it is in sync
    claim_not_compared,        // a higher claim in the peer's copy does not hinder
    promoting_not_seen,        // neither does its `promoting`
    last_without_claim,        // last without having heard of the other
    solo_by_clock,             // on alone after a time of silence
    always_replica,            // recovery always cuts
    always_source,             // recovery never cuts
    no_step_down,              // a superseded active stays open
    receiver_kept,             // promote leaves its receiver running
    always_receiving,          // a server that is last receives, too
    no_handshake,              // start and promote do not look at each other
    shared_numbers,            // both choose epochs from the same numbers
    grant_without_waiting,     // commits do not wait while the grant is given
    claim_not_repeated,        // the active does not say its claim again when attrd lost it
    stop_hides_claim,          // stop leaves `promoting` without having said the claim
    good_leave_unfenced,       // without fencing, a leave in good order certifies a death
    lost_is_harmless,          // with fencing, a lost peer without grant counts as revoked
    empty_until_known,         // a server with data says that it is empty until it has looked
    life_not_repeated,         // the standby does not say its life again when attrd lost it
    old_revocation_kept,       // a grant does not end the revocation before it
    revocation_without_epoch,  // a stopped server does not learn who went on alone
    force_unmarked,            // a forced promotion looks like any other
    leaving_for_ever,          // a standby that was announced to stop and did not stays `leaving`
};

}  // namespace duet::simulator
