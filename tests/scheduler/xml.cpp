// SPDX-License-Identifier: GPL-2.0-or-later
#include "xml.hpp"

#include <expat.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

namespace duet::test {

namespace {

// The way from the root to the element that is open.
using Path = std::vector<Element>;

void begin_element(void* path, const XML_Char* name, const XML_Char** pairs) {
    Element element{name, {}, {}};
    for (; *pairs; pairs += 2) element.attributes[pairs[0]] = pairs[1];
    static_cast<Path*>(path)->push_back(std::move(element));
}

void end_element(void* path_pointer, const XML_Char*) {
    auto& path = *static_cast<Path*>(path_pointer);
    auto element = std::move(path.back());
    path.pop_back();
    path.back().children.push_back(std::move(element));
}

std::string escaped(const std::string& value) {
    std::string text;
    for (const char letter : value) {
        switch (letter) {
            case '&':
                text += "&amp;";
                break;
            case '<':
                text += "&lt;";
                break;
            case '"':
                text += "&quot;";
                break;
            default:
                text += letter;
        }
    }
    return text;
}

void collect(const Element& element, const std::string& name, std::vector<const Element*>& found) {
    for (const auto& child : element.children) {
        if (child.name == name) found.push_back(&child);
        collect(child, name, found);
    }
}

}  // namespace

const std::string& Element::operator[](const std::string& attribute) const {
    static const std::string empty;
    const auto found = attributes.find(attribute);
    return found == attributes.end() ? empty : found->second;
}

const Element* Element::child(const std::string& wanted) const {
    const auto found = std::find_if(children.begin(), children.end(),
                                    [&](const Element& one) { return one.name == wanted; });
    return found == children.end() ? nullptr : &*found;
}

Element* Element::child(const std::string& wanted) {
    return const_cast<Element*>(std::as_const(*this).child(wanted));
}

Element& Element::need(const std::string& wanted) {
    if (auto* found = child(wanted)) return *found;
    children.push_back({wanted, {}, {}});
    return children.back();
}

std::vector<const Element*> Element::all(const std::string& wanted) const {
    std::vector<const Element*> found;
    collect(*this, wanted, found);
    return found;
}

Element parse_xml(const std::string& text) {
    const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(
        XML_ParserCreate(nullptr), &XML_ParserFree);
    Path path(1);
    XML_SetUserData(parser.get(), &path);
    XML_SetElementHandler(parser.get(), begin_element, end_element);
    if (XML_Parse(parser.get(), text.data(), int(text.size()), 1) != XML_STATUS_OK)
        throw std::runtime_error(std::string("XML: ") +
                                 XML_ErrorString(XML_GetErrorCode(parser.get())));
    return std::move(path.front().children.front());
}

std::string to_text(const Element& element) {
    auto text = '<' + element.name;
    for (const auto& [name, value] : element.attributes)
        text += ' ' + name + "=\"" + escaped(value) + '"';
    if (element.children.empty()) return text + "/>\n";
    text += ">\n";
    for (const auto& child : element.children) text += to_text(child);
    return text + "</" + element.name + ">\n";
}

}  // namespace duet::test
