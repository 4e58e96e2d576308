// SPDX-License-Identifier: GPL-2.0-or-later
#include "kept.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <system_error>

#include "attribute.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "log.hpp"
#include "pass.hpp"
#include "process.hpp"
#include "text.hpp"

namespace duet::rsync_push {

namespace {

namespace fs = std::filesystem;

constexpr auto longest_copy = std::chrono::hours(12);

bool is_since(const timespec& when, const timespec& mark) {
    return when.tv_sec != mark.tv_sec ? when.tv_sec > mark.tv_sec : when.tv_nsec >= mark.tv_nsec;
}

// Paths below the tree, each ended by a zero byte. By the time of change, which the kernel alone
// sets: a file that was unpacked or moved in has an old modification time.
std::string changed_since(const std::string& root, const timespec& mark, long& count) {
    std::string list;
    std::error_code ignored;
    constexpr auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at(root, options, ignored), last; at != last;
         at.increment(ignored)) {
        struct stat status {};
        if (::lstat(at->path().c_str(), &status) != 0 || S_ISDIR(status.st_mode)) continue;
        if (!is_since(status.st_ctim, mark)) continue;
        list += at->path().native().substr(root.size() + 1) + '\0';
        ++count;
    }
    return list;
}

std::string new_folder(const Instance& instance) {
    const auto kept = instance.lasting + "/kept";
    fs::create_directory(kept);
    char day[32];
    const auto now = std::time(nullptr);
    tm parts{};
    std::strftime(day, sizeof day, "%Y%m%dT%H%M%SZ", ::gmtime_r(&now, &parts));
    auto folder = cat(kept, '/', day);
    for (int more = 2; fs::exists(folder); ++more) folder = cat(kept, '/', day, '.', more);
    fs::create_directory(folder);
    for (const auto& path : {kept, folder}) ::chmod(path.c_str(), 0700);
    return folder;
}

void copy(const Instance& instance, const Tree& tree, const std::string& list,
          const std::string& folder) {
    RunOptions options;
    options.input = list;
    const auto to = cat(folder, '/', tree.module);
    std::vector<std::string> argv{instance.rsync(), "-aHAX", "--numeric-ids", "--from0",
                                  "--files-from=-"};
    for (const auto& pattern : instance.config.exclude) argv.push_back("--exclude=" + pattern);
    argv.insert(argv.end(), {tree.path + '/', to + '/'});
    const auto ended = run(argv, Deadline::after(longest_copy), options);
    if (!ended.succeeded())
        throw Failure(Exit::generic,
                      cat("what only this server has of '", tree.path, "' could not be copied to '",
                          to, "': ", ended.last_words()));
}

}  // namespace

bool has_unsent(const Instance& instance) {
    return ::access(mark_file(instance).c_str(), F_OK) == 0;
}

void keep_unsent(const Instance& instance) {
    struct stat mark {};
    if (::stat(mark_file(instance).c_str(), &mark) != 0) throw_errno("look at the last pass");
    std::string folder;
    long count = 0;
    for (const auto& tree : instance.trees) {
        const auto list = changed_since(tree.path, mark.st_mtim, count);
        if (list.empty()) continue;
        if (folder.empty()) folder = new_folder(instance);
        copy(instance, tree, list, folder);
    }
    if (!folder.empty()) {
        log::warning("only this server had ", count,
                     " files, written after its last push: kept in '", folder, "'");
        auto call = instance.call;
        call.deadline = Deadline::after(Milliseconds(10'000));
        Attributes(call).set(call.instance + "-kept", folder);
    }
    ::unlink(mark_file(instance).c_str());
}

}  // namespace duet::rsync_push
