// SPDX-License-Identifier: GPL-2.0-or-later
#include "seed_swap.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <vector>

#include "failure.hpp"
#include "fd.hpp"
#include "file.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

namespace fs = std::filesystem;

constexpr auto out = "out", in = "in", back = "back";  // what is on the move

std::string folder_of(const std::string& datadir) { return cat(datadir, '/', seed_folder); }
std::string marker(const std::string& datadir) { return folder_of(datadir) + "/swap"; }

bool stays(const std::string& name) {
    return name == seed_folder || name == "duet.state" || name == "lost+found";
}

void sync_folder(const std::string& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) throw_errno(cat("sync '", path, "'"));
}

void make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        throw_errno(cat("make the folder '", path, "'"));
    struct stat status{};
    // The folder around belongs to the server's user, who must not point us elsewhere.
    if (::lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
        throw Failure(Exit::generic, cat("'", path, "' is no folder"));
}

void move_all(const std::string& from, const std::string& to) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(from))
        if (const auto name = entry.path().filename().string(); !stays(name)) names.push_back(name);
    for (const auto& name : names) fs::rename(cat(from, '/', name), cat(to, '/', name));
    sync_folder(to);
    sync_folder(from);
}

void mark(const std::string& datadir, const char* word) {
    replace_file(marker(datadir), cat(word, '\n'), Durability::synced);
}

void unmark(const std::string& datadir) {
    fs::remove(marker(datadir));
    sync_folder(folder_of(datadir));
}

}  // namespace

std::string new_data(const std::string& datadir) { return folder_of(datadir) + "/new"; }
std::string old_data(const std::string& datadir) { return folder_of(datadir) + "/old"; }

void swap_in(const std::string& datadir, const std::function<void()>& commit) {
    make_folder(old_data(datadir));
    mark(datadir, out);
    move_all(datadir, old_data(datadir));
    commit();
    mark(datadir, in);
    settle_swap(datadir);
}

void swap_back(const std::string& datadir) {
    mark(datadir, back);
    settle_swap(datadir);
}

bool settle_swap(const std::string& datadir) {
    const auto word = std::string(trim(read_file(marker(datadir)).value_or("")));
    if (word == in) {
        move_all(new_data(datadir), datadir);
        unmark(datadir);
        discard_new(datadir);
        return true;
    }
    if (word == back) {
        make_folder(new_data(datadir));
        move_all(datadir, new_data(datadir));
        mark(datadir, out);
    } else if (word != out) {
        return false;
    }
    move_all(old_data(datadir), datadir);
    unmark(datadir);
    discard_new(datadir);
    discard_old(datadir);
    return true;
}

void give_to(const std::string& user, const std::string& path) {
    const auto* account = ::getpwnam(user.c_str());
    if (!account) throw Failure(Exit::generic, cat("the user '", user, "' does not exist"));
    if (::lchown(path.c_str(), account->pw_uid, account->pw_gid) != 0)
        throw_errno(cat("give '", path, "' to ", user));
}

void make_room(const std::string& datadir) {
    make_folder(folder_of(datadir));
    discard_new(datadir);
    make_folder(new_data(datadir));
}

void discard_new(const std::string& datadir) { fs::remove_all(new_data(datadir)); }

void discard_old(const std::string& datadir) { fs::remove_all(old_data(datadir)); }

}  // namespace duet::mysql
