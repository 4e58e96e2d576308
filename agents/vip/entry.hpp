// SPDX-License-Identifier: GPL-2.0-or-later
// A word of the parameter `addresses`: ADDRESS/PREFIX[@NIC]. NIC is the name of an interface, or
// blank-free pairs NODE=NIC,NODE=NIC, where a name without NODE= is for all other nodes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "address.hpp"

namespace duet::vip {

struct Entry {
    std::string text;  // as it was written
    Address address;
    int prefix = 0;
    std::string link;                          // empty: found from the routes
    std::map<std::string, std::string> links;  // by node

    // The interface's name on `node`, or empty.
    const std::string& link_on(const std::string& node) const;
};

struct Entries {
    std::vector<Entry> all;
    std::vector<std::string> problems;  // a sentence for each word that cannot be used
};
Entries parse_entries(const std::vector<std::string>& words);

// The addresses of all words that begin with one, whatever follows: what stop looks for.
std::vector<Address> addresses_in(const std::vector<std::string>& words);

}  // namespace duet::vip
