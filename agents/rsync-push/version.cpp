// SPDX-License-Identifier: GPL-2.0-or-later
#include "version.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "failure.hpp"
#include "process.hpp"
#include "text.hpp"

namespace duet::rsync_push {

namespace {

namespace fs = std::filesystem;

constexpr Milliseconds patience{60'000};

std::string folder_of(const Instance& instance, const Tree& tree) {
    return cat(instance.lasting, "/accepted/", tree.module);
}

void copy(const Instance& instance, const std::string& from, const std::string& to,
          const std::vector<std::string>& options) {
    std::vector<std::string> argv{instance.rsync(), "-aHAX", "--numeric-ids", "--delete",
                                  "--checksum"};
    argv.insert(argv.end(), options.begin(), options.end());
    for (const auto& pattern : instance.config.exclude) argv.push_back("--exclude=" + pattern);
    argv.insert(argv.end(), {from + '/', to + '/'});
    const auto ended = run(argv, Deadline::after(patience));
    if (!ended.succeeded())
        throw Failure(Exit::generic, cat("'", from, "' could not be copied to '", to,
                                         "': ", ended.last_words()));
}

}  // namespace

void keep_version(const Instance& instance, const Tree& tree) {
    const auto folder = folder_of(instance, tree), parent = instance.lasting + "/accepted";
    fs::create_directories(folder);
    ::chmod(parent.c_str(), 0700);
    copy(instance, tree.path, folder, {"--link-dest=" + tree.path});
}

bool put_back_version(const Instance& instance, const Tree& tree) {
    const auto folder = folder_of(instance, tree);
    if (::access(folder.c_str(), F_OK) != 0) return false;
    copy(instance, folder, tree.path, {});
    return true;
}

}  // namespace duet::rsync_push
