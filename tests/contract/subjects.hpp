// SPDX-License-Identifier: GPL-2.0-or-later
// The agents that the contract ring tries. To add one: a row in subjects.cpp.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sandbox.hpp"

namespace duet::test {

struct Subject {
    std::string name;
    // Makes what the agent needs in `folder` (empty, its own; in the sandbox) and returns the
    // parameters with which start succeeds there. Called once.
    Parameters (*prepare)(const std::string& folder);
    // Values that must be refused as wrong on every server (6), beyond those that the tests make
    // from the types in the meta-data.
    std::vector<std::pair<std::string, std::string>> malformed;
};

const std::vector<Subject>& subjects();

}  // namespace duet::test
