// SPDX-License-Identifier: GPL-2.0-or-later
// The rules switched off one by one, each with seeds in which that is found soon.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rules.hpp"

namespace duet::simulator {

struct VariantCase {
    const char* name;
    Broken broken;
    bool fencing;
    std::uint64_t first_seed;
    long count;
};

// Something is violated.
std::vector<VariantCase> caught_variants();
// Nothing is violated, but more servers are left diverged.
std::vector<VariantCase> wasteful_variants();
std::vector<std::string> variant_names();
// By its name; throws std::invalid_argument.
Broken variant_of(const std::string& name);

}  // namespace duet::simulator
