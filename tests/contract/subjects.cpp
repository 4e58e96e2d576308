// SPDX-License-Identifier: GPL-2.0-or-later
#include "subjects.hpp"

namespace duet::test {

namespace {

Parameters prepare_vip(const std::string&) {
    return {{"addresses", "192.0.2.10/24 2001:db8::10/64@eth0"}};
}

}  // namespace

// An agent's row: its name, the function that makes what it needs, values it must refuse.
const std::vector<Subject>& subjects() {
    static const std::vector<Subject> all = {
        {"vip",
         prepare_vip,
         {{"addresses", "192.0.2.300/24"},
          {"addresses", "192.0.2.10"},
          {"addresses", "192.0.2.10/33"},
          {"addresses", "192.0.2.10/24@"},
          {"addresses", "192.0.2.10/24 192.0.2.10/25"},
          {"addresses", "192.0.2.255/24"},
          {"addresses", "fe80::1/64"},
          {"addresses", "db10"},
          {"gateways", "router"},
          {"gateways", "192.0.2.1/24"}}},
    };
    return all;
}

}  // namespace duet::test
