// SPDX-License-Identifier: GPL-2.0-or-later
// The table of an agent: the only place where a parameter or an action is named. Meta-data, manual
// page, configuration snippets, parsing and dispatch are all read from it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "call.hpp"
#include "clock.hpp"
#include "failure.hpp"

namespace duet {

// The struct Config of an agent is the declaration: a field's type is the parameter's type, its
// initialiser the default.
template <typename Config>
using Field = std::variant<std::string Config::*, int Config::*, bool Config::*,
                           Milliseconds Config::*, std::vector<std::string> Config::*>;

struct Traits {
    bool required = false;
    // Two resources may not share the value (the meta-data's unique-group is named after it).
    bool unique = false;
    // A changed value is taken over by reload-agent, without a restart.
    bool reloadable = false;
    // Allowed words of a string, blank-separated; empty: any.
    std::string_view choices = {};
    // Limits of an int; both zero: any int.
    int least = 0;
    int most = 0;
};

template <typename Config>
struct Parameter {
    const char* name;
    Field<Config> field;
    const char* shortdesc;
    const char* longdesc;
    Traits traits = {};
};

enum class Role { any, promoted, unpromoted };

template <typename Config>
struct Action {
    const char* name;
    Milliseconds timeout;  // advised
    Exit (*handler)(const Config&, const Call&);
    Milliseconds interval = Milliseconds(0);  // advised, of a monitor
    Role role = Role::any;                    // a monitor's; named on each of a promotable agent
    int depth = 0;                            // OCF_CHECK_LEVEL of a monitor
};

template <typename Config>
struct Agent {
    const char* name;
    const char* shortdesc;
    const char* longdesc;
    std::span<const Parameter<Config>> parameters;
    std::span<const Action<Config>> actions;
    // What the types cannot say: returns a sentence for each contradiction or malformed value.
    std::vector<std::string> (*problems)(const Config&) = nullptr;
};

}  // namespace duet
