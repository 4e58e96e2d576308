// SPDX-License-Identifier: GPL-2.0-or-later
// The case files (*.cases): README.md says how they read.
#pragma once

#include <string>
#include <vector>

#include "configuration.hpp"

namespace duet::test {

struct Step {
    int line = 0;
    std::string verb;
    std::vector<std::string> words;  // what follows the verb
    // "a, b, c" of the rest; "a < b" keeps its signs
    std::vector<std::string> items;
};

struct Case {
    std::string file, name, sentence;
    std::vector<std::string> configuration;  // example names
    std::vector<Change> changes;
    std::vector<Step> steps;
};

// All cases of tests/scheduler/FILE. Throws std::runtime_error naming the line that is wrong.
std::vector<Case> read_cases(const std::string& file);

// Plays a case in a configuration; what does not come as written is a failure of the test.
void play(const Case& one, const Element& cib);

}  // namespace duet::test
