// SPDX-License-Identifier: GPL-2.0-or-later
// An agent's table without its Config type, and the texts made from it.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "agent.hpp"
#include "text.hpp"

namespace duet {

struct ParameterDescription {
    std::string name, shortdesc, longdesc;
    std::string type;           // the meta-data's: string, integer, boolean
    std::string default_value;  // as the parser reads it; empty: none
    Traits traits;
};

struct ActionDescription {
    std::string name;
    Milliseconds timeout, interval;
    Role role;
    int depth;
};

struct Description {
    std::string name, shortdesc, longdesc;
    std::vector<ParameterDescription> parameters;
    std::vector<ActionDescription> actions;

    bool promotable() const;
};

// OCF Resource Agent API 1.1 meta-data; an internal DTD subset keeps ocf-tester's DTD 1.0 content.
std::string meta_data(const Description& description);
// A manual page in man(7) format, complete up to where the agent's notes are appended.
std::string manual_page(const Description& description);
// What an administrator would paste: the resource with every required parameter and the advised
// operations.
std::string crm_snippet(const Description& description);
std::string pcs_snippet(const Description& description);

std::string to_text(const std::string& value);
std::string to_text(int value);
std::string to_text(bool value);
std::string to_text(Milliseconds value);
std::string to_text(const std::vector<std::string>& value);

template <typename Config>
Description describe(const Agent<Config>& agent) {
    Description out{agent.name, agent.shortdesc, agent.longdesc, {}, {}};
    const Config defaults;
    for (const auto& row : agent.parameters) {
        const auto type = std::holds_alternative<int Config::*>(row.field)    ? "integer"
                          : std::holds_alternative<bool Config::*>(row.field) ? "boolean"
                                                                              : "string";
        auto text = std::visit([&](auto member) { return to_text(defaults.*member); }, row.field);
        out.parameters.push_back({row.name, row.shortdesc, row.longdesc, type,
                                  row.traits.required ? "" : text, row.traits});
    }
    for (const auto& row : agent.actions)
        out.actions.push_back({row.name, row.timeout, row.interval, row.role, row.depth});
    return out;
}

}  // namespace duet
