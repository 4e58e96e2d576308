// SPDX-License-Identifier: GPL-2.0-or-later
#include "failure.hpp"

#include <cerrno>
#include <system_error>

namespace duet {

void throw_errno(const std::string& what) { throw_errno(errno, what); }

void throw_errno(int error, const std::string& what) {
    throw std::system_error(error, std::generic_category(), "could not " + what);
}

}  // namespace duet
