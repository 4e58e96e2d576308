// SPDX-License-Identifier: GPL-2.0-or-later
// What a CIB says, without the ids and the order that each tool has its own way with.
#include "configuration.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

using Lines = std::set<std::string>;

// "0" and "0s", "120s" and "2min" are the same time.
std::string normal(const std::string& name, const std::string& value) {
    const bool is_time = name == "interval" || name == "timeout";
    const auto span = is_time ? parse_duration(value) : std::nullopt;
    return span ? format_duration(*span) : value;
}

// pcs writes out what is the default of a role in a constraint.
bool says_something(const std::string& name, const std::string& value) {
    const bool is_role = name == "rsc-role" || name == "with-rsc-role";
    return name != "id" && !(is_role && value == "Started");
}

std::string attributes_of(const Element& element) {
    std::string text;
    for (const auto& [name, value] : element.attributes)
        if (says_something(name, value)) text += cat(' ', name, '=', normal(name, value));
    return text;
}

// An element with all that is in it, on one line.
std::string whole(const Element& element) {
    auto text = element.name + attributes_of(element);
    for (const auto& child : element.children) text += cat(" (", whole(child), ')');
    return text;
}

void add_pairs(const std::string& owner, const Element& set, Lines& lines) {
    for (const auto* pair : set.all("nvpair"))
        lines.insert(cat(owner, ' ', (*pair)["name"], '=', (*pair)["value"]));
}

// pcs adds these by itself where it has the agent's meta-data; crm does not.
bool is_added_by_pcs(const Element& operation) {
    return operation["name"] == "reload" || operation["name"] == "reload-agent";
}

void add_operations(const std::string& owner, const Element& operations, Lines& lines) {
    for (const auto* operation : operations.all("op")) {
        if (is_added_by_pcs(*operation)) continue;
        auto line = cat(owner, " op", attributes_of(*operation));
        for (const auto* pair : operation->all("nvpair"))
            line += cat(' ', (*pair)["name"], '=', (*pair)["value"]);
        lines.insert(line);
    }
}

void add_resource(const Element& resource, const std::string& inside, Lines& lines) {
    const auto& id = resource["id"];
    lines.insert(cat(resource.name, ' ', id, attributes_of(resource), inside));
    for (const auto& part : resource.children) {
        if (part.name == "instance_attributes") add_pairs(id + " parameter", part, lines);
        if (part.name == "meta_attributes") add_pairs(id + " meta", part, lines);
        if (part.name == "operations") add_operations(id, part, lines);
        if (part.name == "primitive" || part.name == "group")
            add_resource(part, " in " + id, lines);
    }
}

}  // namespace

std::set<std::string> meaning(const Element& cib) {
    Lines lines;
    for (const auto& section : cib.child("configuration")->children) {
        if (section.name == "nodes") continue;
        for (const auto& part : section.children) {
            if (section.name == "resources") {
                add_resource(part, "", lines);
            } else if (section.name == "constraints" || section.name == "fencing-topology") {
                lines.insert(whole(part));
            } else {
                add_pairs(section.name, part, lines);
            }
        }
    }
    return lines;
}

}  // namespace duet::test
