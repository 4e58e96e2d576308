// SPDX-License-Identifier: GPL-2.0-or-later
// php-fpm as a service: how it is started, found and asked.
#pragma once

#include "config.hpp"
#include "service.hpp"

namespace duet::php_fpm {

// `config` must outlive it.
Service service(const Config& config);

}  // namespace duet::php_fpm
