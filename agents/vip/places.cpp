// SPDX-License-Identifier: GPL-2.0-or-later
#include "places.hpp"

#include <algorithm>

#include "record.hpp"
#include "text.hpp"

namespace duet::vip {

namespace {

// Each interface is asked for once, however many addresses are on it.
class Links {
  public:
    explicit Links(Network& network) : network_(network) {}

    std::optional<Link> by_name(const std::string& name) {
        const auto known = indices_.find(name);
        if (known != indices_.end()) return by_index(known->second);
        const auto link = network_.link(name);
        indices_[name] = link ? link->index : 0;
        if (link) links_[link->index] = link;
        return link;
    }

    std::optional<Link> by_index(int index) {
        const auto known = links_.find(index);
        if (known != links_.end()) return known->second;
        return links_[index] = network_.link(index);
    }

  private:
    Network& network_;
    std::map<std::string, int> indices_;
    std::map<int, std::optional<Link>> links_;
};

void place(Places& places, const Entry& entry, const std::optional<Link>& link,
           const std::string& what_is_missing) {
    if (!link) {
        places.missing[entry.text] = what_is_missing;
        return;
    }
    places.wants.push_back({entry.address, entry.prefix, link->index});
    places.links.emplace(link->index, *link);
}

std::string no_interface(const std::string& name) {
    return cat("this server has no interface '", name, "'");
}

}  // namespace

std::map<int, std::string> Places::names() const {
    std::map<int, std::string> names;
    for (const auto& [index, link] : links) names[index] = link.name;
    return names;
}

std::vector<std::string> Places::dead_links() const {
    std::vector<std::string> sentences;
    for (const auto& [index, link] : links)
        if (const auto why = why_dead(link))
            sentences.push_back(cat("interface '", link.name, "' ", *why));
    return sentences;
}

Places choose_places(const Config& config, const Call& call, Network& network,
                     const std::vector<Held>& held) {
    const auto own = addresses_in(config.addresses);
    Links links(network);
    Places places;
    for (const auto& entry : parse_entries(config.addresses).all) {
        const auto& name = entry.link_on(call.node);
        if (!name.empty()) {
            place(places, entry, links.by_name(name), no_interface(name));
            continue;
        }
        const int index =
            choose_link(entry.address, own, held, network.route_to(entry.address));
        place(places, entry, links.by_index(index),
              "no route says which interface it belongs to: name one with @NIC");
    }
    return places;
}

Places expected_places(const Config& config, const Call& call, Network& network) {
    const auto known = recorded(call);
    Links links(network);
    Places places;
    for (const auto& entry : parse_entries(config.addresses).all) {
        const auto& name = entry.link_on(call.node);
        if (!name.empty()) {
            place(places, entry, links.by_name(name), no_interface(name));
            continue;
        }
        const auto found =
            std::find_if(known.begin(), known.end(),
                         [&](const Want& want) { return want.address == entry.address; });
        if (found == known.end()) {
            places.wants.push_back({entry.address, entry.prefix, 0});
        } else {
            place(places, entry, links.by_index(found->link),
                  cat("interface ", found->link, " is gone"));
        }
    }
    return places;
}

}  // namespace duet::vip
