// SPDX-License-Identifier: GPL-2.0-or-later
#include "entry.hpp"

#include <algorithm>
#include <set>

#include "text.hpp"

namespace duet::vip {

namespace {

constexpr auto form = "expected ADDRESS/PREFIX or ADDRESS/PREFIX@NIC";
// The longest alternative name of an interface (ALTIFNAMSIZ less its final zero).
constexpr std::size_t longest_name = 127;

bool is_link_name(const std::string& name) {
    return !name.empty() && name.size() <= longest_name && name != "." && name != ".." &&
           name.find_first_of("/:=@") == std::string::npos;
}

// What is wrong with the part after '@', or nothing.
std::optional<std::string> parse_links(const std::string& text, Entry& entry) {
    for (const auto& item : split(text, ',')) {
        const auto equals = item.find('=');
        const auto name = equals == std::string::npos ? item : item.substr(equals + 1);
        if (!is_link_name(name)) return cat("'", name, "' is no name of an interface");
        if (equals == std::string::npos) {
            if (!entry.link.empty()) return "it names two interfaces without a node";
            entry.link = name;
            continue;
        }
        const auto node = item.substr(0, equals);
        if (node.empty()) return "a node's name is missing before '='";
        if (!entry.links.emplace(node, name).second) return cat("it names node '", node, "' twice");
    }
    return std::nullopt;
}

// Fills `entry`; what is wrong with its text, or nothing.
std::optional<std::string> parse_entry(Entry& entry) {
    const auto at = entry.text.find('@');
    const auto host = entry.text.substr(0, at);
    const auto slash = host.find('/');
    const auto address = parse_address(host.substr(0, slash));
    if (!address) return cat("'", host.substr(0, slash), "' is no address: ", form);
    entry.address = *address;
    if (slash == std::string::npos) return cat("the prefix length is missing: ", form);
    const auto prefix = parse_integer(host.substr(slash + 1));
    if (!prefix || *prefix < 1 || *prefix > address->bits())
        return cat("the prefix length must be a number from 1 to ", address->bits());
    entry.prefix = int(*prefix);
    if (const auto why = why_unusable(*address, entry.prefix))
        return cat("it is ", *why, ", which no server can hold");
    if (at != std::string::npos)
        if (const auto why = parse_links(entry.text.substr(at + 1), entry)) return why;
    if (is_link_local(*address) && at == std::string::npos)
        return "a link-local address needs an interface: ADDRESS/PREFIX@NIC";
    return std::nullopt;
}

}  // namespace

const std::string& Entry::link_on(const std::string& node) const {
    const auto found = links.find(node);
    return found == links.end() ? link : found->second;
}

Entries parse_entries(const std::vector<std::string>& words) {
    Entries entries;
    std::set<Address> seen;
    for (const auto& word : words) {
        Entry entry;
        entry.text = word;
        if (const auto why = parse_entry(entry)) {
            entries.problems.push_back(cat("parameter 'addresses' has '", word, "': ", *why));
        } else if (!seen.insert(entry.address).second) {
            entries.problems.push_back(
                cat("parameter 'addresses' has '", word, "': this address stands there twice"));
        } else {
            entries.all.push_back(std::move(entry));
        }
    }
    return entries;
}

std::vector<Address> addresses_in(const std::vector<std::string>& words) {
    std::vector<Address> found;
    for (const auto& word : words)
        if (const auto address = parse_address(word.substr(0, word.find_first_of("/@"))))
            found.push_back(*address);
    return found;
}

}  // namespace duet::vip
