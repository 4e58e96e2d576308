// SPDX-License-Identifier: GPL-2.0-or-later
// XML as a tree: what a CIB, a transition graph and the answers of Pacemaker's tools are made of.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace duet::test {

struct Element {
    std::string name;
    std::map<std::string, std::string> attributes;
    std::vector<Element> children;

    // An attribute's value, or empty.
    const std::string& operator[](const std::string& attribute) const;
    // The first child of that name; nullptr where there is none.
    Element* child(const std::string& name);
    const Element* child(const std::string& name) const;
    // The same, made where there is none.
    Element& need(const std::string& name);
    // All descendants of that name, in the order of the document.
    std::vector<const Element*> all(const std::string& name) const;
};

// Text between elements is left out. Throws std::runtime_error where it is not well-formed.
Element parse_xml(const std::string& text);
std::string to_text(const Element& element);

}  // namespace duet::test
