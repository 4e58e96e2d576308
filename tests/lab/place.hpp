// SPDX-License-Identifier: GPL-2.0-or-later
// Where one lab keeps its things, and what its servers, networks and addresses are called. Several
// labs may run on one machine: whatever the machine sees of a lab bears the lab's name.
#pragma once

#include <array>
#include <string>

namespace duet::lab {

inline constexpr std::array<const char*, 2> node_names{"a", "b"};
// The one that the shipped configuration prefers.
inline constexpr const char* preferred = "a";

inline constexpr const char* external_vip = "192.0.2.10";
inline constexpr const char* internal_vip = "10.0.0.10";
inline constexpr int database_port = 3306;
// Of crm-examples/accounts.sql, as it stands there.
inline constexpr const char* site_user = "site";
inline constexpr const char* site_password = "CHANGE-ME-site";

// "10.0.0.1", "192.0.2.11" ... of node "a" or "b".
std::string internal_address(const std::string& node);
std::string external_address(const std::string& node);
// "b" for "a", "a" for "b".
std::string other(const std::string& node);

struct Place {
    std::string name;

    // From the environment DUET_LAB, "duet" where it is absent. Throws Failure for a name that
    // would not do as a file name.
    static Place from_environment();
    static Place named(const std::string& name);

    // Sockets, pids, the world's journal: gone with the lab.
    std::string state() const { return "/run/duet-lab/" + name; }
    // The servers' disks, which survive a power cut.
    std::string disks() const { return "/var/tmp/duet-lab/" + name; }
    std::string disk(const std::string& node) const { return disks() + "/" + node; }
    std::string control_socket() const { return state() + "/control.sock"; }
    // Bound into both nodes as /run/duet-bmc.
    std::string bmc_folder() const { return state() + "/bmc"; }
    std::string bmc_socket() const { return bmc_folder() + "/bmc.sock"; }
    std::string journal() const { return state() + "/world.log"; }
    // Holds the pid of a namespace's first process as the machine sees it: "world", "client",
    // "gateway", "a", "b".
    std::string pid_file(const std::string& who) const { return state() + "/" + who + ".pid"; }
    // The cgroup that freezes a node; empty where the machine has no freezer.
    std::string cgroup(const std::string& node) const;
};

// Of the source and the build tree; the environment's DUET_LAB_SOURCE and DUET_LAB_BUILD override.
std::string source_folder();
std::string build_folder();
// The server of the database: DUET_TEST_MYSQLD, a MySQL, else "mariadbd"; and its process's name.
std::string database_program();
std::string database_process();
bool is_mysql();

}  // namespace duet::lab
