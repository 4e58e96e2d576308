// SPDX-License-Identifier: GPL-2.0-or-later
#include "peers.hpp"

#include "text.hpp"

namespace duet {

std::optional<Peer> parse_peer(const std::string& word, int default_port) {
    const auto equals = word.find('=');
    if (equals == 0 || equals == std::string::npos) return std::nullopt;
    Peer peer{word.substr(0, equals), word.substr(equals + 1), default_port};
    std::string port;
    if (peer.address.starts_with('[')) {
        const auto close = peer.address.find(']');
        if (close == std::string::npos) return std::nullopt;
        const auto rest = peer.address.substr(close + 1);
        if (!rest.empty() && rest.front() != ':') return std::nullopt;
        if (!rest.empty()) port = rest.substr(1) + ' ';
        peer.address = peer.address.substr(1, close - 1);
    } else if (const auto colon = peer.address.find(':');
               colon != std::string::npos && colon == peer.address.rfind(':')) {
        port = peer.address.substr(colon + 1) + ' ';
        peer.address.resize(colon);
    }
    if (peer.address.empty() || peer.address.find_first_of("=/[]'\"\\;") != std::string::npos)
        return std::nullopt;
    if (port.empty()) return peer;
    const auto number = parse_integer(trim(port));
    if (!number || *number < 1 || *number > 65535) return std::nullopt;
    peer.port = int(*number);
    return peer;
}

const Peer* Peers::find(const std::string& node) const {
    for (const auto& peer : all)
        if (peer.node == node) return &peer;
    return nullptr;
}

std::vector<Peer> Peers::others(const std::string& node) const {
    std::vector<Peer> out;
    for (const auto& peer : all)
        if (peer.node != node) out.push_back(peer);
    return out;
}

Peers parse_peers(const std::vector<std::string>& words, int default_port) {
    Peers peers;
    for (const auto& word : words) {
        const auto peer = parse_peer(word, default_port);
        if (!peer) {
            peers.problems.push_back(cat("parameter 'peers' has '", word,
                                         "': expected NODE=ADDRESS or NODE=ADDRESS:PORT"));
        } else if (peers.find(peer->node)) {
            peers.problems.push_back(cat("parameter 'peers' has '", word, "': it names node '",
                                         peer->node, "' twice"));
        } else {
            peers.all.push_back(*peer);
        }
    }
    return peers;
}

}  // namespace duet
