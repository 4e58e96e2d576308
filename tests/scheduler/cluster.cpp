// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster.hpp"

#include <algorithm>
#include <stdexcept>

#include "configuration.hpp"
#include "file.hpp"
#include "process.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

constexpr Milliseconds patience{60'000};
constexpr int most_transitions = 6;
// An answer with its graph grows with the pair, not with the test.
constexpr std::size_t answer_limit = 4 << 20;

const std::map<std::string, std::string> node_ids = {{"a", "1"}, {"b", "2"}};

// "db:1" is an instance of db.
std::string resource_name(const std::string& instance) {
    return instance.substr(0, instance.find(':'));
}

// What an operation of the graph is called in the case files; empty: nothing of interest.
std::string name_of(const Element& action) {
    const auto& operation = action["operation"];
    const auto& node = action["on_node"];
    if (action.name == "crm_event" && operation == "stonith") return "fence " + node;
    const auto* primitive = action.child("primitive");
    if (action.name != "rsc_op" || !primitive) return {};
    const auto& resource = (*primitive)["id"];
    if (operation != "notify") return cat(resource_name(resource), ' ', operation, '@', node);
    // "db_post_notify_stop_0"
    const auto& key = action["operation_key"];
    auto moment = key.substr(resource_name(resource).size() + 1);
    moment.resize(moment.rfind('_'));
    std::replace(moment.begin(), moment.end(), '_', '-');
    return cat(resource_name(resource), ' ', moment, '@', node);
}

// An action of several synapses (the same notification twice in one transition) is the last of
// them for who comes later, and the first for who comes earlier.
void read_graph(const Element& graph, Transition& transition) {
    std::map<std::string, int> synapse_of;  // by the action's id
    const auto synapses = graph.all("synapse");
    for (std::size_t number = 0; number < synapses.size(); ++number)
        for (const auto& action : synapses[number]->child("action_set")->children) {
            synapse_of[action["id"]] = int(number);
            if (const auto name = name_of(action); !name.empty())
                transition.synapses[name].insert(int(number));
        }
    for (std::size_t number = 0; number < synapses.size(); ++number)
        for (const auto* trigger : synapses[number]->all("trigger"))
            for (const auto& action : trigger->children)
                if (const auto found = synapse_of.find(action["id"]); found != synapse_of.end())
                    transition.inputs[int(number)].insert(found->second);
}

void read_actions(const Element& answer, Transition& transition) {
    static const std::set<std::string> silent = {"monitor", "notify", "cancel", "delete"};
    const auto* executed = answer.child("transition");
    if (!executed) return;
    for (const auto& action : executed->children) {
        if (action.name == "fencing_action")
            transition.actions.push_back("fence " + action["target"]);
        if (action.name == "rsc_action" && !silent.contains(action["op"]))
            transition.actions.push_back(
                cat(resource_name(action["resource"]), ' ', action["op"], '@', action["node"]));
    }
}

}  // namespace

bool Transition::waits(const std::string& later, const std::string& earlier) const {
    for (const auto& name : {later, earlier})
        if (!synapses.contains(name))
            throw std::runtime_error(cat('\'', name, "' is no part of the transition"));
    std::set<int> seen;
    std::vector<int> open(1, *synapses.at(later).rbegin());
    const auto& wanted = synapses.at(earlier);
    while (!open.empty()) {
        const int number = open.back();
        open.pop_back();
        const auto found = inputs.find(number);
        if (found == inputs.end()) continue;
        for (const int input : found->second) {
            if (wanted.contains(input)) return true;
            if (seen.insert(input).second) open.push_back(input);
        }
    }
    return false;
}

Cluster::Cluster(Element cib) : cib_(std::move(cib)) {
    for (const auto& [node, id] : node_ids) join(node);
}

Element& Cluster::node_state(const std::string& node) {
    auto& states = cib_.need("status").children;
    const auto& id = node_ids.at(node);
    const auto found = std::find_if(states.begin(), states.end(),
                                    [&](const Element& state) { return state["id"] == id; });
    if (found != states.end()) return *found;
    states.push_back({"node_state", {{"id", id}, {"uname", node}}, {}});
    return states.back();
}

Element& Cluster::attributes_of(const std::string& node) {
    const auto& id = node_ids.at(node);
    auto& transient = node_state(node).need("transient_attributes");
    transient.attributes["id"] = id;
    auto& set = transient.need("instance_attributes");
    set.attributes["id"] = "status-" + id;
    return set;
}

void Cluster::start_healthy(const std::string& active) {
    run();
    for (const auto& [node, id] : node_ids) {
        set_attribute(node, "master-db", node == active ? "1000" : "900");
        set_attribute(node, "gateway", "1");
    }
    for (int turn = 0; turn < most_transitions; ++turn)
        if (run().actions.empty()) return;
    throw std::runtime_error("the pair does not come to rest");
}

void Cluster::set_attribute(const std::string& node, const std::string& name,
                            const std::string& value) {
    auto& pairs = attributes_of(node).children;
    std::erase_if(pairs, [&](const Element& pair) { return pair["name"] == name; });
    if (value.empty()) return;
    const auto id = cat("status-", node_ids.at(node), '-', name);
    pairs.push_back({"nvpair", {{"id", id}, {"name", name}, {"value", value}}, {}});
}

void Cluster::set_standby(const std::string& node, const std::string& value) {
    for (auto& one : cib_.child("configuration")->child("nodes")->children) {
        if (one["uname"] != node) continue;
        auto& set = one.need("instance_attributes");
        set.attributes["id"] = "nodes-" + one["id"];
        set.children = {
            {"nvpair",
             {{"id", cat("nodes-", one["id"], "-standby")}, {"name", "standby"}, {"value", value}},
             {}}};
    }
}

void Cluster::lose(const std::string& node) {
    injected_.insert(injected_.end(), {"--node-fail", node});
}

void Cluster::join(const std::string& node) {
    auto& state = node_state(node);
    const auto& id = node_ids.at(node);
    for (const auto& [name, value] : std::map<std::string, std::string>{
             {"in_ccm", "true"}, {"crmd", "online"}, {"join", "member"}, {"expected", "member"}})
        state.attributes[name] = value;
    state.children = {{"lrm", {{"id", id}}, {{"lrm_resources", {}, {}}}}};
}

// What it was told to do again and again, the shortest interval of it.
std::string Cluster::fastest_monitor(const std::string& resource, const std::string& node) {
    std::optional<std::int64_t> fastest;
    for (const auto* known : node_state(node).all("lrm_resource")) {
        if (resource_name((*known)["id"]) != resource) continue;
        for (const auto* operation : known->all("lrm_rsc_op")) {
            const auto interval = parse_integer((*operation)["interval"]).value_or(0);
            if ((*operation)["operation"] == "monitor" && interval > 0)
                fastest = std::min(fastest.value_or(interval), interval);
        }
    }
    if (!fastest) throw std::runtime_error(cat(resource, " has no monitor on ", node));
    return cat(resource, "_monitor_", *fastest, '@', node);
}

void Cluster::fail(const std::string& resource, const std::string& node) {
    injected_.insert(injected_.end(), {"--op-inject", fastest_monitor(resource, node) + "=7"});
}

void Cluster::refuse(const std::string& resource, const std::string& action,
                     const std::string& node) {
    injected_.insert(injected_.end(), {"--op-fail", cat(resource, '_', action, "_0@", node, "=1")});
    if (action == "start") failed_starts_.emplace_back(resource, node);
}

void Cluster::ban(const std::string& resource, const std::string& node) {
    set_attribute(node, cat("fail-count-", resource, "#start_0"), "INFINITY");
    set_attribute(node, cat("last-failure-", resource, "#start_0"),
                  cat(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

void Cluster::forgive(const std::string& resource, const std::string& node) {
    std::erase_if(attributes_of(node).children, [&](const Element& pair) {
        return pair["name"].find(cat('-', resource, '#')) != std::string::npos;
    });
    for (const auto* known : node_state(node).all("lrm_resource"))
        if (resource_name((*known)["id"]) == resource)
            std::erase_if(const_cast<Element*>(known)->children, [](const Element& operation) {
                return operation["id"].ends_with("last_failure_0");
            });
}

// A failed start counts for ever; crm_simulate leaves that to the one who asks.
void Cluster::count_failures() {
    for (const auto& [resource, node] : failed_starts_) ban(resource, node);
    failed_starts_.clear();
}

Transition Cluster::run() {
    const auto before = scratch_folder() + "/before.xml", after = scratch_folder() + "/after.xml",
               graph = scratch_folder() + "/graph.xml";
    replace_file(before, to_text(cib_), Durability::none);
    std::vector<std::string> argv{"crm_simulate", "--xml-file",    before,
                                  "--simulate",   "--save-output", after,
                                  "--save-graph", graph,           "--output-as=xml"};
    argv.insert(argv.end(), injected_.begin(), injected_.end());
    injected_.clear();
    RunOptions options;
    options.output_limit = answer_limit;
    const auto ended = duet::run(argv, Deadline::after(patience), options);
    Transition transition;
    const auto answer = parse_xml(ended.out);
    transition.completed = ended.succeeded();
    read_actions(answer, transition);
    read_graph(parse_xml(read_file(graph).value_or("")), transition);
    cib_ = parse_xml(read_file(after).value_or(""));
    if (const auto* status = answer.child("revised_cluster_status")) status_ = *status;
    count_failures();
    return transition;
}

Cluster::Places Cluster::places() const {
    Places places;
    for (const auto* resource : status_.all("resource")) {
        if ((*resource)["resource_agent"].starts_with("stonith:")) continue;
        auto& nodes = places[resource_name((*resource)["id"])];
        const auto& role = (*resource)["role"];
        for (const auto* node : resource->all("node"))
            nodes[(*node)["name"]] = role == "Promoted"     ? RunningAs::promoted
                                     : role == "Unpromoted" ? RunningAs::unpromoted
                                                            : RunningAs::started;
    }
    return places;
}

std::set<std::string> Cluster::online() const {
    std::set<std::string> nodes;
    for (const auto& node : status_.child("nodes")->children)
        if (node["online"] == "true" && node["standby"] != "true") nodes.insert(node["name"]);
    return nodes;
}

std::set<std::string> Cluster::cloned() const {
    std::set<std::string> names;
    for (const auto* clone : status_.all("clone"))
        for (const auto* resource : clone->all("resource"))
            names.insert(resource_name((*resource)["id"]));
    return names;
}

}  // namespace duet::test
