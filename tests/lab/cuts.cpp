// SPDX-License-Identifier: GPL-2.0-or-later
#include "cuts.hpp"

#include <map>

#include "failure.hpp"
#include "text.hpp"

namespace duet::lab {

namespace {

// As network.sh gives them out.
std::string hardware(const std::string& node) {
    return node == "a" ? "{ 02:00:c0:00:02:11, 02:00:0a:00:00:11 }"
                       : "{ 02:00:c0:00:02:12, 02:00:0a:00:00:12 }";
}

bool is_node(const std::string& word) { return word == "a" || word == "b"; }

std::vector<std::string> networks_of(const std::string& what) {
    if (what == "external") return {"ext"};
    if (what == "internal") return {"int"};
    return {"ext", "int"};
}

std::string condition_of(const std::string& what) {
    if (what == "ring") return "udp dport 5404-5412";
    // Both ends of the connection speak from or to the server's port.
    if (what == "database") return "tcp sport 3306 ; tcp dport 3306";
    return "";
}

void add_one_way(std::vector<PortRule>& rules, const std::string& what, const std::string& from,
                 const std::string& to) {
    for (const auto& network : networks_of(what))
        for (const auto& condition : split(condition_of(what), ';'))
            rules.push_back({cat(from, '-', network), true,
                             cat("ether daddr ", hardware(to), ' ', trim(condition))});
}

}  // namespace

std::vector<PortRule> rules_of(const std::string& cut) {
    std::vector<PortRule> rules;
    if (cut == "gateway") return {{"gateway-ext", true, ""}, {"gateway-ext", false, ""}};

    const auto colon = cut.find(':');
    const std::string what = cut.substr(0, colon);
    const std::string who = colon == std::string::npos ? "" : cut.substr(colon + 1);
    const auto arrow = who.find('>');
    const std::string from = who.substr(0, arrow);
    const std::string to = arrow == std::string::npos ? "" : who.substr(arrow + 1);
    const bool traffic = what == "ring" || what == "database";
    const bool network = what == "external" || what == "internal" || what == "all";
    const bool one_way = is_node(from) && is_node(to) && from != to;
    if ((traffic || network) && one_way) {
        add_one_way(rules, what, from, to);
    } else if (traffic && who.empty()) {
        add_one_way(rules, what, "a", "b");
        add_one_way(rules, what, "b", "a");
    } else if (network && is_node(who)) {
        for (const auto& port : networks_of(what))
            for (const bool incoming : {true, false})
                rules.push_back({cat(who, '-', port), incoming, ""});
    } else {
        throw Failure(Exit::args,
                      cat("'", cut, "' is no cut; it must be ring, ring:a>b, database, ",
                          "database:a>b, external:a, internal:a, all:a, external:a>b (or b, or ",
                          "the other way) or gateway"));
    }
    return rules;
}

std::string ruleset(const std::set<std::string>& cuts, const std::set<std::string>& ports) {
    std::map<std::pair<std::string, bool>, std::vector<std::string>> chains;
    for (const auto& cut : cuts)
        for (const auto& rule : rules_of(cut))
            if (ports.count(rule.port))
                chains[{rule.port, rule.incoming}].push_back(cat(rule.condition, " drop"));

    std::string text = "table netdev lab\ndelete table netdev lab\ntable netdev lab {\n";
    int number = 0;
    for (const auto& [hook, rules] : chains) {
        text += cat("chain cut", ++number, " {\ntype filter hook ",
                    hook.second ? "ingress" : "egress", " device \"", hook.first,
                    "\" priority 0; policy accept;\n");
        for (const auto& rule : rules) text += rule + "\n";
        text += "}\n";
    }
    return text + "}\n";
}

}  // namespace duet::lab
