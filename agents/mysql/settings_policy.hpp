// SPDX-License-Identifier: GPL-2.0-or-later
// What check level 10 has to say about the settings of a running server. Values in, sentences out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace duet::mysql {

struct Account {
    std::string user, host;
    std::uint64_t access = 0;  // as mysql.global_priv has it
    int version = 0;           // of the server that wrote it; 0: not said
    bool is_role = false;
};
struct RoleHolder {
    std::string user, host, role;
};
// Who can write although read_only is set, but for root and mysql over the unix socket and
// `agent`: "'ops'@'%'", "'ops'@'%' (role admin)".
std::vector<std::string> accounts_past_read_only(const std::vector<Account>& accounts,
                                                 const std::vector<RoleHolder>& holders,
                                                 const std::string& agent);

struct Settings {
    bool is_mysql = false;  // else MariaDB
    // What is asked of the server: lower-case names, values as it prints them. A variable that it
    // does not have is absent.
    std::map<std::string, std::string> variables;
    bool lossless = true;
    std::optional<bool> fencing;  // nothing: no cluster
    bool promoted = false;
    bool events_follow_role = true;
    bool applies = false;                  // its applier runs
    int appliers = 0;                      // threads that work for it
    std::vector<std::string> peer_ids;     // server ids on the other end of a replication
    std::set<std::uint32_t> domains;       // of what it has written, applied and received
    bool accounts_known = false;
    std::vector<std::string> past_read_only;
};

struct Finding {
    bool is_error = false;  // else a warning
    std::string sentence;
};
std::vector<Finding> findings(const Settings& settings);
// Of those that are errors, or of those that are not.
std::vector<std::string> sentences(const std::vector<Finding>& findings, bool errors);

}  // namespace duet::mysql
