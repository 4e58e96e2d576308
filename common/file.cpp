// SPDX-License-Identifier: GPL-2.0-or-later
#include "file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "failure.hpp"
#include "text.hpp"

namespace duet {

namespace {

constexpr std::size_t size_limit = 1024 * 1024;

void write_all(const Fd& file, std::string_view rest, const std::string& path) {
    while (!rest.empty()) {
        const auto count = ::write(file.get(), rest.data(), rest.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw_errno(cat("write '", path, "'"));
        rest.remove_prefix(std::size_t(count));
    }
}

void sync_folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    const auto folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) throw_errno(cat("sync the folder '", folder, "'"));
}

}  // namespace

std::optional<std::string> read_file(const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) return std::nullopt;
    std::string content;
    std::array<char, 4096> block;
    while (content.size() < size_limit) {
        const auto count = ::read(file.get(), block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::nullopt;
        if (count == 0) break;
        content.append(block.data(), std::size_t(count));
    }
    return content;
}

void replace_file(const std::string& path, const std::string& content, Durability durability,
                  mode_t mode) {
    const auto temporary = cat(path, ".new.", ::getpid());
    try {
        const Fd file(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
        if (!file) throw_errno(cat("make '", temporary, "'"));
        write_all(file, content, temporary);
        if (durability == Durability::synced && ::fsync(file.get()) != 0)
            throw_errno(cat("sync '", temporary, "'"));
        if (::rename(temporary.c_str(), path.c_str()) != 0)
            throw_errno(cat("rename '", temporary, "' to '", path, "'"));
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
    if (durability == Durability::synced) sync_folder_of(path);
}

std::optional<std::string> secret_problem(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0)
        return cat("the file '", path, "' cannot be read: ", std::strerror(errno));
    if (!S_ISREG(status.st_mode)) return cat("'", path, "' is not a regular file");
    if ((status.st_mode & 0077) == 0) return std::nullopt;
    char mode[8];
    std::snprintf(mode, sizeof mode, "%04o", unsigned(status.st_mode & 07777));
    return cat("the file '", path, "' holds secrets and must have mode 0600, it has ", mode);
}

Fd lock_file(const std::string& path, const Deadline& deadline) {
    Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file) throw_errno(cat("open the lock '", path, "'"));
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) throw_errno(cat("take the lock '", path, "'"));
        deadline.pause(Milliseconds(10), cat("the lock '", path, "'"));
    }
    return file;
}

}  // namespace duet
