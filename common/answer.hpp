// SPDX-License-Identifier: GPL-2.0-or-later
// What came back from a server that was asked, over HTTP or FastCGI. A refused connection or an
// error page is an answer, too, not an exception.
#pragma once

#include <string>

#include "clock.hpp"

namespace duet {

struct Answer {
    bool reached = false;  // a whole answer came
    int status = 0;        // HTTP's, also over FastCGI
    std::string body;      // its beginning, see body_limit
    std::string error;     // why it was not reached
    Milliseconds took{0};
};

struct Patience {
    Milliseconds connect{1'000};
    Milliseconds total{3'000};
};

// Bytes of a body that are kept and judged; the rest is read and dropped.
constexpr std::size_t body_limit = 64 * 1024;

}  // namespace duet
