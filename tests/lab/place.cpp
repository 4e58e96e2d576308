// SPDX-License-Identifier: GPL-2.0-or-later
#include "place.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "failure.hpp"
#include "text.hpp"

namespace duet::lab {

std::string internal_address(const std::string& node) {
    return node == "a" ? "10.0.0.1" : "10.0.0.2";
}

std::string external_address(const std::string& node) {
    return node == "a" ? "192.0.2.11" : "192.0.2.12";
}

std::string other(const std::string& node) { return node == "a" ? "b" : "a"; }

Place Place::named(const std::string& name) {
    const bool good = !name.empty() && name.size() <= 24 &&
                      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
                          std::string::npos;
    if (!good)
        throw Failure(Exit::args, cat("the lab's name '", name,
                                      "' must be 1 to 24 of the characters a-z, 0-9 and '-'"));
    return Place{name};
}

Place Place::from_environment() {
    const char* name = getenv("DUET_LAB");
    return named(name && *name ? name : "duet");
}

namespace {

// Version 2 first: it ends frozen processes at once, version 1 only after the thaw.
std::string cgroup_root() {
    std::ifstream mounts("/proc/self/mounts");
    std::string root, line;
    while (std::getline(mounts, line)) {
        const auto words = split_words(line);
        if (words.size() < 4) continue;
        if (words[2] == "cgroup2") return words[1];
        if (words[2] == "cgroup" && ("," + words[3] + ",").find(",freezer,") != std::string::npos)
            root = words[1];
    }
    return root;
}

std::string from_environment_or(const char* variable, const char* otherwise) {
    const char* value = getenv(variable);
    return value && *value ? value : otherwise;
}

}  // namespace

std::string Place::cgroup(const std::string& node) const {
    const std::string root = cgroup_root();
    if (root.empty() || access(root.c_str(), W_OK) != 0) return {};
    return cat(root, "/duet-lab-", name, "-", node);
}

std::string source_folder() { return from_environment_or("DUET_LAB_SOURCE", DUET_LAB_SOURCE); }
std::string build_folder() { return from_environment_or("DUET_LAB_BUILD", DUET_LAB_BUILD); }
std::string database_program() { return from_environment_or("DUET_TEST_MYSQLD", "mariadbd"); }
std::string database_process() { return is_mysql() ? "mysqld" : "mariadbd"; }
bool is_mysql() { return database_program() != "mariadbd"; }

}  // namespace duet::lab
