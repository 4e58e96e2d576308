// SPDX-License-Identifier: GPL-2.0-or-later
#include "status.hpp"

#include <expat.h>

#include <algorithm>
#include <memory>

namespace duet::lab {

namespace {

using Attributes = std::map<std::string, std::string>;

// Where the reader is: crm_mon uses <node> both for the list of nodes and inside a resource.
struct Reader {
    ClusterStatus status;
    bool in_nodes = false, in_resource = false;
    std::string attributes_of;
};

void begin(Reader& reader, const std::string& element, const Attributes& is) {
    const auto get = [&is](const char* name) {
        const auto found = is.find(name);
        return found == is.end() ? std::string() : found->second;
    };
    ClusterStatus& status = reader.status;
    if (element == "current_dc") {
        status.controller = get("name");
        status.quorum = get("with_quorum") == "true";
    } else if (element == "nodes") {
        reader.in_nodes = true;
    } else if (element == "node" && reader.in_nodes) {
        status.online[get("name")] =
            get("online") == "true" && get("pending") != "true" && get("standby") != "true";
    } else if (element == "resource") {
        reader.in_resource = true;
        const std::string id = get("id");
        status.resources.push_back({id.substr(0, id.find(':')), get("role"), "",
                                    get("failed") == "true"});
    } else if (element == "node" && reader.in_resource) {
        status.resources.back().node = get("name");
    } else if (element == "node") {
        reader.attributes_of = get("name");
    } else if (element == "attribute") {
        status.attributes[reader.attributes_of][get("name")] = get("value");
    } else if (element == "failure") {
        status.failures.push_back({get("op_key"), get("node"), get("exitreason")});
    }
}

void on_start(void* data, const XML_Char* name, const XML_Char** attributes) {
    Attributes is;
    for (; *attributes; attributes += 2) is[attributes[0]] = attributes[1];
    begin(*static_cast<Reader*>(data), name, is);
}

void on_end(void* data, const XML_Char* name) {
    Reader& reader = *static_cast<Reader*>(data);
    const std::string element = name;
    if (element == "nodes") reader.in_nodes = false;
    if (element == "resource") reader.in_resource = false;
}

}  // namespace

std::string ClusterStatus::where(const std::string& id, const std::string& role) const {
    for (const auto& resource : resources)
        if (resource.id == id && resource.role == role) return resource.node;
    return {};
}

int ClusterStatus::count(const std::string& id, const std::string& role) const {
    return static_cast<int>(std::count_if(
        resources.begin(), resources.end(), [&](const ResourceStatus& resource) {
            return resource.id == id && resource.role == role && !resource.failed;
        }));
}

std::string ClusterStatus::attribute(const std::string& node, const std::string& name) const {
    const auto found = attributes.find(node);
    if (found == attributes.end()) return {};
    const auto value = found->second.find(name);
    return value == found->second.end() ? std::string() : value->second;
}

std::optional<ClusterStatus> parse_status(const std::string& xml) {
    Reader reader;
    const std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser(XML_ParserCreate(nullptr),
                                                                         XML_ParserFree);
    XML_SetUserData(parser.get(), &reader);
    XML_SetElementHandler(parser.get(), on_start, on_end);
    if (XML_Parse(parser.get(), xml.data(), static_cast<int>(xml.size()), 1) != XML_STATUS_OK)
        return {};
    return reader.status;
}

}  // namespace duet::lab
