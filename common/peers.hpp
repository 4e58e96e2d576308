// SPDX-License-Identifier: GPL-2.0-or-later
// The value of a `peers` parameter: NODE=ADDRESS[:PORT], one for each server of the pair.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace duet {

struct Peer {
    std::string node;     // the cluster's name of the server
    std::string address;  // IPv4, IPv6 (without brackets) or a host name
    int port;
};

// Nothing when the word is not of that form; an IPv6 address with a port stands in brackets.
std::optional<Peer> parse_peer(const std::string& word, int default_port);

// All of them, with a sentence for each word that is malformed and each node named twice.
struct Peers {
    std::vector<Peer> all;
    std::vector<std::string> problems;

    const Peer* find(const std::string& node) const;
    // Those that are not `node`.
    std::vector<Peer> others(const std::string& node) const;
};
Peers parse_peers(const std::vector<std::string>& words, int default_port);

}  // namespace duet
