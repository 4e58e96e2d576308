// SPDX-License-Identifier: GPL-2.0-or-later
// nginx as a service: how it is started, found and asked.
#pragma once

#include "config.hpp"
#include "service.hpp"

namespace duet::nginx {

// `config` must outlive it.
Service service(const Config& config);

}  // namespace duet::nginx
