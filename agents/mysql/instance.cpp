// SPDX-License-Identifier: GPL-2.0-or-later
#include "instance.hpp"

#include <algorithm>
#include <chrono>

#include "failure.hpp"
#include "health_policy.hpp"
#include "log.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr Milliseconds cluster_limit{5'000};

std::string identity(const Process& process) {
    return cat(process.pid(), '.', process.start_time());
}

long unix_seconds() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return long(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

}  // namespace

Instance::Instance(const Config& config_, const Call& call_)
    : config(config_),
      call(call_),
      directory(run_directory(call_)),
      attributes(call_),
      notes(directory + "/notes"),
      record(read_record(config_.datadir, call_.node)),
      server(config, directory + "/mysqld") {
    const auto peers = parse_peers(config.peers, default_port);
    count_ = std::max<int>(1, int(peers.all.size()));
    for (int i = 0; i < int(peers.all.size()); ++i)
        if (peers.all[std::size_t(i)].node == call.node) {
            index_ = i;
            named_ = true;
        }
    const auto others = peers.others(call.node);
    if (call.clustered() && !others.empty()) peer_ = others.front();
}

Durability Instance::durability() const {
    return config.durability == "async" ? Durability::async : Durability::lossless;
}

Database Instance::connect(std::chrono::seconds timeout) const {
    const auto credentials = read_credentials(config.credentials);
    try {
        return Database(config.socket, credentials, timeout);
    } catch (const SqlError& error) {
        const auto port = notes.get("extra port");
        if (sign_of(error.code()) != Sign::crowded || !port) throw;
        return Database(*port, credentials, timeout);
    }
}

ClusterView Instance::look() {
    if (!call.clustered()) return {};
    const auto cluster = look_at_cluster(call.deadline.at_most(cluster_limit));
    if (!cluster)
        throw Failure(Exit::generic, "the cluster does not answer: 'cibadmin --query' failed");
    learn(*cluster);
    if (peer_ && force_in(*cluster)) {
        const auto* node = cluster->find(peer_->node);
        // What a person saw of it is over; the next time that it is lost somebody has to look again.
        if (node && node->member) {
            log::warning(attribute("force"), " is void: ", peer_->node, " is in the cluster");
            attributes.remove(attribute("force"));
        }
    }
    return *cluster;
}

// A claim counts as seen for as long as this node's cluster runs; the epoch in it for ever.
void Instance::learn(const ClusterView& cluster) {
    if (!peer_) return;
    const auto grant = grant_on(cluster, call.node);
    if (grant) learn(grant.value().epoch, !grant.value().revoked);
    const auto text = cluster.attribute(peer_->node, attribute("claim"));
    const auto claim = text ? parse_claim(*text) : std::nullopt;
    if (!claim) return;
    notes.set("claim", cat(*text, ' ', attributes.daemon()));
    learn(claim.value().epoch, true);
}

// A revocation may be older than the claim of the same epoch.
void Instance::learn(const Epoch& epoch, bool current) {
    auto& seen = record.peer_seen[peer_->node];
    const bool settled = current && epoch.number == seen.number && !epoch.forced_over;
    if (epoch.number <= seen.number && !(settled && seen.forced_over)) return;
    seen = epoch;
    write_record(config.datadir, record);
}

std::optional<Claim> Instance::remembered_claim() const {
    const auto note = notes.get("claim").value_or("");
    const auto blank = note.find(' ');
    if (blank == std::string::npos || note.substr(blank + 1) != attributes.daemon())
        return std::nullopt;
    return parse_claim(note.substr(0, blank));
}

Standing Instance::standing(const ClusterView& cluster, bool has_data) {
    Standing standing;
    standing.own = record.own;
    standing.has_data = has_data;
    if (const auto process = server.find()) standing.life = life(*process);
    if (!peer_) {
        standing.alone = true;
        for (const auto& [node, seen] : record.peer_seen)
            if (seen.number > standing.peer_seen.number) standing.peer_seen = seen;
        // The other server of the cluster may have been promoted without telling this one.
        if (has_had_peer(record) && standing.own.number > standing.peer_seen.number)
            standing.peer_seen = standing.own;
        return standing;
    }
    standing.peer_seen = record.peer_seen[peer_->node];
    standing.claim = remembered_claim();
    standing.fencing = cluster.fencing;
    if (const auto* node = cluster.find(peer_->node)) {
        standing.peer_member = node->member;
        // Without fencing the peer may have been promoted by its grant while the two were apart, and
        // have come back and left in good order between two looks: that certifies nothing.
        standing.peer_certified = node->certified_down && cluster.fencing;
    }
    standing.peer_state = cluster.attribute(peer_->node, attribute("state")).value_or("");
    standing.grant = grant_on(cluster, call.node);
    standing.force = force_in(cluster);
    // The person has seen to it that the other one is down.
    if (is_forced(standing)) standing.peer_certified = true;
    standing.preferred =
        config.preferred_node.empty() ? index_ == 0 : config.preferred_node == call.node;
    return standing;
}

std::optional<Grant> Instance::grant_on(const ClusterView& cluster, const std::string& node) const {
    const auto text = cluster.attribute(node, attribute("grant"));
    return text ? parse_grant(*text) : std::nullopt;
}

void Instance::publish_claim(bool has_data) {
    attributes.set(attribute("claim"), to_text(Claim{record.own, has_data}));
}

std::string Instance::life(const Process& process) const {
    const auto words = split_words(notes.get("life").value_or(""));
    return words.size() == 2 && words[1] == identity(process) ? words[0] : "";
}

std::string Instance::begin_life(const Process& process) {
    const auto life = random_word();
    notes.set("life", cat(life, ' ', identity(process)));
    publish_life(process);
    return life;
}

void Instance::publish_life(const Process& process) {
    attributes.set(attribute("life"), life(process));
}

void Instance::end_life() {
    notes.erase("life");
    attributes.remove(attribute("life"));
}

bool Instance::is_promoted(const Process& process) const {
    return notes.get("promoted") == identity(process);
}

void Instance::note_promoted(const Process& process) { notes.set("promoted", identity(process)); }

void Instance::note_demoted() { notes.erase("promoted"); }

std::optional<int> Instance::force_in(const ClusterView& cluster) const {
    const auto epoch = parse_integer(cluster.attribute(call.node, attribute("force")).value_or(""));
    return epoch ? std::optional(int(*epoch)) : std::nullopt;
}

void Instance::mark_forced() {
    auto& own = record.own;
    own.forced_over = std::min(own.number, own.forced_over.value_or(own.number));
    write_record(config.datadir, record);
    publish_claim(true);
    attributes.remove(attribute("force"));
}

void Instance::settle_force() {
    attributes.remove(attribute("force"));
    if (!record.own.forced_over) return;
    record.own.forced_over.reset();
    write_record(config.datadir, record);
    publish_claim(true);
}

void Instance::write_epoch(const Standing& standing, bool planned) {
    const int known = standing.known();
    record.own.number = next_epoch(standing.own.number, known, index_, count_);
    if (is_by_force(standing, durability())) {
        record.own.forced_over = std::min(known, record.own.forced_over.value_or(known));
        log::warning("promoted by force over epoch ", known, ": what ", peer_->node,
                     " alone acknowledged is not here");
    }
    std::erase_if(record.takeovers, [](long when) { return when < unix_seconds() - 3600; });
    if (planned) record.takeovers.push_back(unix_seconds());
    write_record(config.datadir, record);
}

int Instance::takeovers_last_hour() const {
    return int(std::count_if(record.takeovers.begin(), record.takeovers.end(),
                             [](long when) { return when >= unix_seconds() - 3600; }));
}

}  // namespace duet::mysql
