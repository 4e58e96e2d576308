// SPDX-License-Identifier: GPL-2.0-or-later
#include "cost.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace duet::test {

double children_cost() {
    rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    const auto ms = [](const timeval& time) {
        return double(time.tv_sec) * 1000 + double(time.tv_usec) / 1000;
    };
    return ms(usage.ru_utime) + ms(usage.ru_stime);
}

double cost_of(const std::function<void()>& call) {
    const auto before = children_cost();
    call();
    return children_cost() - before;
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + long(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace duet::test
