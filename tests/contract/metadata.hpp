// SPDX-License-Identifier: GPL-2.0-or-later
// What an agent's meta-data says, read with an XML parser as others would read it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace duet::test {

struct Metadata {
    struct Parameter {
        std::string name, type, default_value, longdesc;
        bool required = false;
    };
    std::string name, version;
    std::vector<Parameter> parameters;
    std::vector<std::map<std::string, std::string>> actions;

    bool has_action(const std::string& name) const;
};

// Throws std::runtime_error where it is not well-formed.
Metadata read_metadata(const std::string& xml);

}  // namespace duet::test
