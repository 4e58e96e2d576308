// SPDX-License-Identifier: GPL-2.0-or-later
#include "metadata.hpp"

#include <expat.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace duet::test {

namespace {

using Attributes = std::map<std::string, std::string>;

struct Reader {
    Metadata metadata;
    std::string text;

    void begin(const std::string& element, const Attributes& attributes) {
        text.clear();
        const auto get = [&](const char* name) {
            const auto found = attributes.find(name);
            return found == attributes.end() ? std::string() : found->second;
        };
        if (element == "resource-agent") metadata.name = get("name");
        if (element == "parameter")
            metadata.parameters.push_back({get("name"), "", "", "", get("required") == "1"});
        if (element == "content") {
            metadata.parameters.back().type = get("type");
            metadata.parameters.back().default_value = get("default");
        }
        if (element == "action") metadata.actions.push_back(attributes);
    }

    void end(const std::string& element) {
        if (element == "version") metadata.version = text;
        if (element == "longdesc" && !metadata.parameters.empty())
            metadata.parameters.back().longdesc = text;
    }
};

void begin_element(void* reader, const XML_Char* name, const XML_Char** pairs) {
    Attributes attributes;
    for (; *pairs; pairs += 2) attributes[pairs[0]] = pairs[1];
    static_cast<Reader*>(reader)->begin(name, attributes);
}

void end_element(void* reader, const XML_Char* name) { static_cast<Reader*>(reader)->end(name); }

void add_text(void* reader, const XML_Char* text, int size) {
    static_cast<Reader*>(reader)->text.append(text, std::size_t(size));
}

}  // namespace

bool Metadata::has_action(const std::string& wanted) const {
    return std::any_of(actions.begin(), actions.end(),
                       [&](const auto& action) { return action.at("name") == wanted; });
}

Metadata read_metadata(const std::string& xml) {
    const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(
        XML_ParserCreate(nullptr), &XML_ParserFree);
    Reader reader;
    XML_SetUserData(parser.get(), &reader);
    XML_SetElementHandler(parser.get(), begin_element, end_element);
    XML_SetCharacterDataHandler(parser.get(), add_text);
    if (XML_Parse(parser.get(), xml.data(), int(xml.size()), 1) != XML_STATUS_OK)
        throw std::runtime_error(XML_ErrorString(XML_GetErrorCode(parser.get())));
    return reader.metadata;
}

}  // namespace duet::test
