// SPDX-License-Identifier: GPL-2.0-or-later
#include "subjects.hpp"

#include "mariadb.hpp"

namespace duet::test {

namespace {

Parameters prepare_vip(const std::string&) {
    return {{"addresses", "192.0.2.10/24 2001:db8::10/64@eth0"}};
}

Parameters prepare_mysql(const std::string& folder) {
    auto parameters = make_database(folder, "a");
    parameters["peers"] = "a=10.0.0.1 b=10.0.0.2";
    return parameters;
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
        {"mysql",
         prepare_mysql,
         {{"peers", "a"},
          {"peers", "a=10.0.0.1"},
          {"peers", "b=10.0.0.2 a="},
          {"peers", "a=10.0.0.1 =10.0.0.2"},
          {"peers", "a=10.0.0.1 a=10.0.0.2"},
          {"peers", "a=10.0.0.1 b=10.0.0.2:0"},
          {"peers", "a=10.0.0.1 b=10.0.0.2:65536"},
          {"peers", "a=10.0.0.1 b=10.0.0.2:db"},
          {"peers", "a=10.0.0.1 b=[2001:db8::2"},
          {"peers", "a=10.0.0.1 b=10.0.0.2'"},
          {"preferred_node", "c"},
          {"failback_requires", "files-state"},
          {"failback_requires", "nginx-state=ok =ok"},
          {"failback_limit", "-1"},
          {"failback_limit", "1001"}}},
    };
    return all;
}

}  // namespace duet::test
