// SPDX-License-Identifier: GPL-2.0-or-later
// A word of the parameter `trees`: PATH[=HOOK].
#pragma once

#include <string>
#include <vector>

namespace duet::rsync_push {

struct Tree {
    std::string path;  // absolute, without a slash at its end
    std::string hook;  // empty: none
    // Its name between the two daemons. Made from the path and never from its place in the list:
    // with two lists in another order one tree would be pushed over the other.
    std::string module;
};

struct Trees {
    std::vector<Tree> all;
    std::vector<std::string> problems;  // a sentence for each word that cannot be used
};
// No tree may be, hold or lie in one of the folders `ours`.
Trees parse_trees(const std::vector<std::string>& words, const std::vector<std::string>& ours);

std::string module_name(const std::string& path);

}  // namespace duet::rsync_push
