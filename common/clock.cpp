// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock.hpp"

#include <algorithm>
#include <thread>

#include "failure.hpp"
#include "text.hpp"

namespace duet {

Milliseconds Deadline::remaining() const {
    const auto left =
        std::chrono::ceil<Milliseconds>(end_ - std::chrono::steady_clock::now());
    return std::max(left, Milliseconds::zero());
}

Deadline Deadline::at_most(Milliseconds span) const {
    return Deadline(std::min(end_, std::chrono::steady_clock::now() + span));
}

void Deadline::pause(Milliseconds span, std::string_view what) const {
    if (expired()) {
        const auto waited = std::chrono::duration_cast<Milliseconds>(end_ - begin_);
        throw Failure(Exit::generic, cat("gave up waiting for ", what, " after ",
                                         format_duration(std::max(waited, Milliseconds(0)))));
    }
    std::this_thread::sleep_for(std::min(span, remaining()));
}

}  // namespace duet
