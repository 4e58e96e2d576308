// SPDX-License-Identifier: GPL-2.0-or-later
#include "description.hpp"

#include <algorithm>

namespace duet {

namespace {

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

const char* word(Role role) {
    switch (role) {
        case Role::promoted: return "Promoted";
        case Role::unpromoted: return "Unpromoted";
        case Role::any: break;
    }
    return "";
}

std::string long_description(const ParameterDescription& parameter) {
    if (parameter.traits.choices.empty()) return parameter.longdesc;
    return cat(parameter.longdesc, " One of: ",
               join(split_words(parameter.traits.choices), ", "), ".");
}

std::string parameter_element(const ParameterDescription& parameter) {
    std::string out = cat("    <parameter name=\"", parameter.name, '"');
    if (parameter.traits.required) out += " required=\"1\"";
    if (parameter.traits.unique) out += cat(" unique-group=\"", parameter.name, '"');
    if (parameter.traits.reloadable) out += " reloadable=\"1\"";
    out += cat(">\n      <longdesc lang=\"en\">", escaped(long_description(parameter)),
               "</longdesc>\n      <shortdesc lang=\"en\">", escaped(parameter.shortdesc),
               "</shortdesc>\n      <content type=\"", parameter.type, '"');
    if (!parameter.default_value.empty())
        out += cat(" default=\"", escaped(parameter.default_value), '"');
    return out + "/>\n    </parameter>\n";
}

std::string seconds(Milliseconds span) {
    return span.count() % 1000 ? cat(span.count(), "ms") : cat(span.count() / 1000, "s");
}

std::string action_element(const ActionDescription& action) {
    std::string out =
        cat("    <action name=\"", action.name, "\" timeout=\"", seconds(action.timeout), '"');
    if (action.interval.count()) out += cat(" interval=\"", seconds(action.interval), '"');
    if (action.name == "monitor") out += cat(" depth=\"", action.depth, '"');
    if (action.role != Role::any) out += cat(" role=\"", word(action.role), '"');
    return out + "/>\n";
}

// A leading dot or quote would be a request to roff; a hyphen must survive copy and paste.
std::string roff(const std::string& text) {
    std::string out;
    bool line_start = true;
    for (const char c : text) {
        if (line_start && (c == '.' || c == '\'')) out += "\\&";
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
        line_start = c == '\n';
    }
    return out;
}

std::string operation(const ActionDescription& action, const char* level) {
    std::string out = cat(action.name);
    if (action.interval.count()) out += cat(" interval=", seconds(action.interval));
    out += cat(" timeout=", seconds(action.timeout));
    if (action.role != Role::any) out += cat(" role=", word(action.role));
    if (action.depth) out += cat(' ', level, action.depth);
    return out;
}

bool is_operation(const ActionDescription& action) {
    return action.name != "meta-data" && action.name != "validate-all" &&
           action.name != "reload-agent";
}

std::string required_values(const Description& description) {
    std::string out;
    for (const auto& parameter : description.parameters)
        if (parameter.traits.required) out += cat(' ', parameter.name, "=\"...\"");
    return out;
}

}  // namespace

bool Description::promotable() const {
    return std::any_of(actions.begin(), actions.end(),
                       [](const auto& action) { return action.name == "promote"; });
}

std::string to_text(const std::string& value) { return value; }
std::string to_text(int value) { return cat(value); }
std::string to_text(bool value) { return value ? "true" : "false"; }
std::string to_text(Milliseconds value) { return format_duration(value); }
std::string to_text(const std::vector<std::string>& value) { return join(value, " "); }

std::string meta_data(const Description& description) {
    std::string out = cat(R"(<?xml version="1.0"?>
<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd" [
<!ATTLIST parameter unique-group CDATA #IMPLIED reloadable (0|1) #IMPLIED>
<!ATTLIST action name CDATA #REQUIRED>
]>
<resource-agent name=")",
                          description.name, "\" version=\"", DUET_VERSION,
                          "\">\n  <version>1.1</version>\n  <longdesc lang=\"en\">",
                          escaped(description.longdesc), "</longdesc>\n  <shortdesc lang=\"en\">",
                          escaped(description.shortdesc), "</shortdesc>\n  <parameters>\n");
    for (const auto& parameter : description.parameters) out += parameter_element(parameter);
    out += "  </parameters>\n  <actions>\n";
    for (const auto& action : description.actions) out += action_element(action);
    return out + "  </actions>\n</resource-agent>\n";
}

std::string manual_page(const Description& description) {
    const auto name = "ocf_duet_" + description.name;
    std::string out =
        cat(".TH \"", roff(name), "\" 7 \"\" \"duet ", DUET_VERSION, "\" \"OCF resource agents\"\n",
            ".SH NAME\n", roff(name), " \\- ", roff(description.shortdesc), "\n.SH SYNOPSIS\n.B ",
            roff(description.name), "\n.RI [ action ]\n.SH DESCRIPTION\n",
            roff(description.longdesc), "\n.SH PARAMETERS\n");
    for (const auto& parameter : description.parameters) {
        out += cat(".TP\n.B ", roff(parameter.name), "\n", roff(long_description(parameter)),
                   "\n.br\n(", parameter.traits.required ? "required" : "optional", ", ",
                   parameter.type);
        if (!parameter.default_value.empty())
            out += cat(", default \\(lq", roff(parameter.default_value), "\\(rq");
        out += cat(parameter.traits.reloadable ? ", taken over without a restart" : "", ")\n");
    }
    out += ".SH ACTIONS\nTimeouts and intervals are the advised ones.\n";
    for (const auto& action : description.actions)
        out += cat(".TP\n.B ", roff(action.name), "\n", roff(operation(action, "depth ")), "\n");
    return out + cat(".SH EXAMPLES\nWith crmsh:\n.PP\n.nf\n", roff(crm_snippet(description)),
                     ".fi\n.PP\nWith pcs:\n.PP\n.nf\n", roff(pcs_snippet(description)), ".fi\n");
}

std::string crm_snippet(const Description& description) {
    const auto id = description.name;
    std::string out = cat("primitive ", id, " ocf:duet:", id);
    const auto values = required_values(description);
    if (!values.empty()) out += cat(" \\\n  params", values);
    for (const auto& action : description.actions)
        if (is_operation(action))
            out += cat(" \\\n  op ", operation(action, "OCF_CHECK_LEVEL="));
    out += '\n';
    if (description.promotable())
        out += cat("clone ", id, "-clone ", id, " \\\n  meta promotable=true notify=true\n");
    return out;
}

std::string pcs_snippet(const Description& description) {
    std::string out = cat("pcs resource create ", description.name, " ocf:duet:", description.name,
                          required_values(description), " \\\n  op");
    for (const auto& action : description.actions)
        if (is_operation(action))
            out += cat(" \\\n  ", operation(action, "OCF_CHECK_LEVEL="));
    if (description.promotable()) out += " \\\n  promotable notify=true";
    return out + '\n';
}

}  // namespace duet
