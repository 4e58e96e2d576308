// SPDX-License-Identifier: GPL-2.0-or-later
#include "version.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
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

void take_on(const std::string& folder, const struct stat& status) {
    const timespec times[2] = {status.st_atim, status.st_mtim};
    if (::lchown(folder.c_str(), status.st_uid, status.st_gid) != 0 ||
        ::chmod(folder.c_str(), status.st_mode & 07777) != 0 ||
        ::utimensat(AT_FDCWD, folder.c_str(), times, 0) != 0)
        throw_errno(cat("give '", folder, "' owner, mode and time"));
}

// False where the two are not on one filesystem. `to` must not be there.
bool link_tree(const fs::path& from, const fs::path& to) {
    struct stat status {};
    if (::lstat(from.c_str(), &status) != 0) throw_errno(cat("look at '", from.native(), "'"));
    if (!S_ISDIR(status.st_mode)) {
        if (::link(from.c_str(), to.c_str()) == 0) return true;
        if (errno == EXDEV || errno == EMLINK) return false;
        throw_errno(cat("link '", from.native(), "' to '", to.native(), "'"));
    }
    fs::create_directory(to);
    for (const auto& entry : fs::directory_iterator(from))
        if (!link_tree(entry.path(), to / entry.path().filename())) return false;
    take_on(to.native(), status);
    return true;
}

}  // namespace

void keep_version(const Instance& instance, const Tree& tree) {
    const auto folder = folder_of(instance, tree), parent = instance.lasting + "/accepted";
    const auto fresh = folder + ".new";
    fs::create_directories(parent);
    ::chmod(parent.c_str(), 0700);
    fs::remove_all(fresh);
    // Links take a millisecond where a program takes fifty, and demote waits for this.
    if (!link_tree(tree.path, fresh)) copy(instance, tree.path, fresh, {});
    fs::remove_all(folder);
    fs::rename(fresh, folder);
}

bool put_back_version(const Instance& instance, const Tree& tree) {
    const auto folder = folder_of(instance, tree);
    if (::access(folder.c_str(), F_OK) != 0) return false;
    copy(instance, folder, tree.path, {});
    return true;
}

}  // namespace duet::rsync_push
