// SPDX-License-Identifier: GPL-2.0-or-later
// Environment -> Config, by an agent's table. Empty counts as unset.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent.hpp"
#include "call.hpp"

namespace duet {

// Each parses `text` into `value`, or leaves it alone and returns what would have been right,
// to follow "expected".
std::optional<std::string> assign(std::string& value, const std::string& text, const Traits&);
std::optional<std::string> assign(int& value, const std::string& text, const Traits&);
std::optional<std::string> assign(bool& value, const std::string& text, const Traits&);
std::optional<std::string> assign(Milliseconds& value, const std::string& text, const Traits&);
std::optional<std::string> assign(std::vector<std::string>& value, const std::string& text,
                                  const Traits&);

struct ParameterProblems {
    std::vector<std::string> missing;    // required and absent
    std::vector<std::string> malformed;  // present and unreadable; the default stands instead
};

template <typename Config>
ParameterProblems read_parameters(const Agent<Config>& agent, const Environment& environment,
                                  Config& config) {
    ParameterProblems problems;
    for (const auto& row : agent.parameters) {
        const auto text = environment(std::string("OCF_RESKEY_") + row.name);
        if (!text || text->find_first_not_of(" \t\r\n") == std::string::npos) {
            if (row.traits.required)
                problems.missing.push_back(std::string("parameter '") + row.name +
                                           "' is missing: expected " + row.shortdesc);
            continue;
        }
        const auto expected = std::visit(
            [&](auto member) { return assign(config.*member, *text, row.traits); }, row.field);
        if (expected)
            problems.malformed.push_back(std::string("parameter '") + row.name + "' is '" + *text +
                                         "': expected " + *expected);
    }
    if (agent.problems && problems.missing.empty())
        for (auto& sentence : agent.problems(config)) problems.malformed.push_back(sentence);
    return problems;
}

}  // namespace duet
