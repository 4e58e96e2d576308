// SPDX-License-Identifier: GPL-2.0-or-later
#include "subjects.hpp"

#include <sys/stat.h>

#include "file.hpp"
#include "mariadb.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

Parameters prepare_vip(const std::string&) {
    return {{"addresses", "192.0.2.10/24 2001:db8::10/64@eth0"}};
}

Parameters prepare_nginx(const std::string& folder) {
    const auto config = folder + "/nginx.conf";
    replace_file(config,
                 cat("pid ", folder, "/nginx.pid;\nerror_log ", folder, "/error.log;\nevents {}\n",
                     "http { access_log off; server { listen 127.0.0.1:8080; ",
                     "return 200 \"ok\"; } }\n"),
                 Durability::none);
    return {{"config", config}, {"url", "http://127.0.0.1:8080/"}, {"body", "ok"}};
}

Parameters prepare_php_fpm(const std::string& folder) {
    const auto config = folder + "/php-fpm.conf", socket = folder + "/php.sock";
    replace_file(config,
                 cat("[global]\npid = ", folder, "/php.pid\nerror_log = ", folder, "/php.log\n",
                     "[www]\nuser = www-data\ngroup = www-data\nlisten = ", socket, "\n",
                     "pm = static\npm.max_children = 2\nping.path = /ping\n"),
                 Durability::none);
    return {{"binary", "php-fpm8.2"}, {"config", config}, {"listen", socket}};
}

// Alone: the other server of the pair is an address that nobody has.
Parameters prepare_rsync_push(const std::string& folder) {
    ::mkdir((folder + "/tree").c_str(), 0755);
    replace_file(folder + "/tree/file", "content", Durability::none);
    replace_file(folder + "/secret", "a password\n", Durability::none);
    return {{"trees", folder + "/tree"},
            {"peers", "a=192.0.2.11 b=192.0.2.12"},
            {"secret", folder + "/secret"}};
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
        {"nginx",
         prepare_nginx,
         {{"config", "nginx.conf"},
          {"url", "127.0.0.1/healthz"},
          {"url", "ftp://127.0.0.1/healthz"},
          {"url", "http://127.0.0.1:0/"},
          {"url", "http:///healthz"},
          {"status", "99"},
          {"body", "(ok"},
          {"target", "127.0.0.1:http"},
          {"patience", "0"}}},
        {"php-fpm",
         prepare_php_fpm,
         {{"config", "php-fpm.conf"},
          {"listen", "php.sock"},
          {"listen", "127.0.0.1:70000"},
          {"listen", "::1:9000"},
          {"ping", "ping"},
          {"status", "status"},
          {"queue", "-1"},
          {"patience", "0"}}},
        {"rsync-push",
         prepare_rsync_push,
         {{"trees", "var/www"},
          {"trees", "/"},
          {"trees", "/srv/"},
          {"trees", "/srv/../etc"},
          {"trees", "/srv/50%"},
          {"trees", "/srv=apache"},
          {"trees", "/srv="},
          {"trees", "/srv /srv/www"},
          {"trees", "/srv /srv"},
          {"trees", "/run"},
          {"trees", "/var/lib/duet/x"},
          {"peers", "a=192.0.2.11"},
          {"peers", "a=192.0.2.11 b=192.0.2.12 c=192.0.2.13"},
          {"peers", "a=192.0.2.11 b"},
          {"peers", "a=192.0.2.11 b=192.0.2.12:70000"},
          {"port", "0"},
          {"port", "65536"},
          {"interval", "500ms"},
          {"max_delete", "101%"},
          {"max_delete", "-1"},
          {"max_delete", "half"}}},
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
