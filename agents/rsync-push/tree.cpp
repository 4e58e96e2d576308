// SPDX-License-Identifier: GPL-2.0-or-later
#include "tree.hpp"

#include <algorithm>

namespace duet::rsync_push {

namespace {

// What means something in rsyncd.conf(5), or nothing good in a log.
constexpr std::string_view forbidden = "%\\\"'#;`";

bool is_plain_path(const std::string& path) {
    if (path.size() < 2 || path.front() != '/' || path.back() == '/') return false;
    for (const char* part : {"//", "/./", "/../"})
        if (path.find(part) != std::string::npos) return false;
    if (path.ends_with("/.") || path.ends_with("/..")) return false;
    return std::none_of(path.begin(), path.end(), [](unsigned char c) {
        return c < 0x20 || c == 0x7f || forbidden.find(char(c)) != std::string_view::npos;
    });
}

bool is_hook(const std::string& hook) {
    return hook == "nginx" || hook == "php-fpm" || hook == "cron" || is_plain_path(hook);
}

bool overlap(const std::string& a, const std::string& b) {
    return (a + '/').starts_with(b + '/') || (b + '/').starts_with(a + '/');
}

}  // namespace

std::string module_name(const std::string& path) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string name;
    for (const unsigned char c : path.substr(1)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        if (plain) {
            name += char(c);
        } else if (c == '/') {
            name += '+';
        } else {
            name += {'=', digits[c >> 4], digits[c & 15]};
        }
    }
    return "tree+" + name;
}

Trees parse_trees(const std::vector<std::string>& words, const std::vector<std::string>& ours) {
    Trees trees;
    const auto refuse = [&](const std::string& word, const std::string& expected) {
        trees.problems.push_back("parameter 'trees' has '" + word + "': expected " + expected);
    };
    for (const auto& word : words) {
        const auto equals = word.find('=');
        Tree tree;
        tree.path = word.substr(0, equals);
        if (equals != std::string::npos) tree.hook = word.substr(equals + 1);
        if (!is_plain_path(tree.path)) {
            refuse(word, "the full path of a folder, without a slash at its end");
        } else if (equals != std::string::npos && !is_hook(tree.hook)) {
            refuse(word, "nginx, php-fpm, cron or the full path of a program after '='");
        } else if (std::any_of(ours.begin(), ours.end(),
                               [&](const auto& folder) { return overlap(folder, tree.path); })) {
            refuse(word, "a folder apart from the agent's own");
        } else if (std::any_of(trees.all.begin(), trees.all.end(),
                               [&](const Tree& t) { return overlap(t.path, tree.path); })) {
            refuse(word, "a folder that is not in another tree");
        } else {
            tree.module = module_name(tree.path);
            trees.all.push_back(tree);
        }
    }
    return trees;
}

}  // namespace duet::rsync_push
