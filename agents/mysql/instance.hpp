// SPDX-License-Identifier: GPL-2.0-or-later
// This resource instance on this node: its parameters, what it remembers, where it stands to the
// other server. The actions are written around it.
#pragma once

#include <optional>
#include <string>

#include "attribute.hpp"
#include "call.hpp"
#include "cluster.hpp"
#include "config.hpp"
#include "database.hpp"
#include "notes.hpp"
#include "peers.hpp"
#include "policy.hpp"
#include "record.hpp"
#include "server.hpp"

namespace duet::mysql {

class Instance {
  public:
    Instance(const Config& config, const Call& call);

    const Config& config;
    const Call& call;
    const std::string directory;  // run directory
    Attributes attributes;
    Notes notes;
    Record record;
    Server server;

    // The other server of the pair; nothing outside a cluster or where none is configured.
    const std::optional<Peer>& peer() const { return peer_; }
    // `peers` has this node.
    bool is_named() const { return named_; }
    Durability durability() const;
    std::string attribute(const char* suffix) const { return call.instance + '-' + suffix; }

    // Throws SqlError; one connection for each call. When all are taken: over the server's extra port.
    Database connect(std::chrono::seconds timeout = std::chrono::seconds(2)) const;

    // ---- the cluster ----
    // One look at this node's copy. What is learnt of the peer's epoch goes into the epoch file
    // before anything is decided by it. Throws Failure(generic) when the cluster does not answer.
    ClusterView look();
    Standing standing(const ClusterView& cluster, bool has_data);
    std::optional<Grant> grant_on(const ClusterView& cluster, const std::string& node) const;
    void publish_claim(bool has_data);
    void set_state(const std::string& state) { attributes.set(attribute("state"), state); }

    // ---- the life of mysqld ----
    // The word of the life that `process` lives, empty when it was not begun by this agent.
    std::string life(const Process& process) const;
    // A new one; published. Called wherever a relay log was thrown away.
    std::string begin_life(const Process& process);
    // Once more: a restarted pacemaker-attrd has forgotten it.
    void publish_life(const Process& process);
    void end_life();

    // ---- the role ----
    // True when promote opened the server in this life.
    bool is_promoted(const Process& process) const;
    void note_promoted(const Process& process);
    void note_demoted();

    // Writes a new epoch into the epoch file, synced. \`planned\`: the other server lives.
    void write_epoch(const Standing& standing, bool planned);
    // An active goes on alone at a person's word. Should the other one have been promoted in the
    // meantime all the same, then nothing that is acknowledged here may be cut off later.
    void mark_forced();
    // A person's word, and the mark that a promotion by it left, end: the other server has
    // everything that this one has.
    void settle_force();
    int takeovers_last_hour() const;

  private:
    std::optional<Claim> remembered_claim() const;
    void learn(const ClusterView& cluster);
    // Of the peer. `current`: not from a message that may be older than what is known.
    void learn(const Epoch& epoch, bool current);
    std::optional<int> force_in(const ClusterView& cluster) const;

    std::optional<Peer> peer_;
    bool named_ = false;
    int index_ = 0, count_ = 1;
};

}  // namespace duet::mysql
