// SPDX-License-Identifier: GPL-2.0-or-later
// The shipped configurations, given to crm and to pcs as an administrator gives them, but with a
// file in the place of a cluster; and what the result means.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "xml.hpp"

namespace duet::test {

// A folder for what the tools read and write.
const std::string& scratch_folder();
void remove_scratch_folder();

enum class Form { crm, pcs };

// One line of a .crm file in the place of another, or more than before: a statement (with its
// continued lines joined by one blank) is taken out, or put at the end.
struct Change {
    bool add = true;
    std::string statement;
};

// What becomes of a CIB when a file of crm-examples/ ("pair") is loaded; `changes`: in the form of
// crm only. Throws std::runtime_error with the tool's words where it is refused.
Element load_example(const Element& onto, const std::string& name, Form form,
                     const std::vector<Change>& changes = {});

// The CIB of nodes a and b after these were loaded one after the other. The tools take longer than
// all that is done with it, so each is loaded once.
const Element& load_configuration(const std::vector<std::string>& names, Form form);

// A line for each thing that the configuration says, without ids and without the order of the
// document: two CIBs of the same meaning have the same lines.
std::set<std::string> meaning(const Element& cib);

// The names of all files of crm-examples/ that exist as .crm or as .pcs.sh.
std::set<std::string> example_names(Form form);

}  // namespace duet::test
