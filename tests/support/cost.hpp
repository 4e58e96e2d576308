// SPDX-License-Identifier: GPL-2.0-or-later
// What programs cost: user and system time of children that have ended, in milliseconds.
#pragma once

#include <functional>
#include <vector>

namespace duet::test {

// Of all children so far.
double children_cost();
// Of those that end during the call.
double cost_of(const std::function<void()>& call);
double median(std::vector<double> values);

}  // namespace duet::test
