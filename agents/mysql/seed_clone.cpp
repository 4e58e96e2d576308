// SPDX-License-Identifier: GPL-2.0-or-later
#include "seed_clone.hpp"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <future>

#include "failure.hpp"
#include "log.hpp"
#include "seed_swap.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours longest{24};
constexpr std::chrono::seconds answering{5};
constexpr Milliseconds idle{600'000};  // without data
constexpr Milliseconds ending{10'000}, between_looks{500};

// The server refuses a folder in its data directory. By this path it is none, and yet it is on the
// same file system, also where the data directory is a mount point.
std::string window(const Config& config) {
    return fs::weakly_canonical(config.datadir).string() + ".duet";
}

void open_window(const Config& config) {
    const auto folder = window(config), behind = cat(config.datadir, '/', seed_folder);
    give_to(config.user, behind);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        throw_errno(cat("make the folder '", folder, "'"));
    if (::mount(behind.c_str(), folder.c_str(), nullptr, MS_BIND, nullptr) != 0)
        throw_errno(cat("mount '", behind, "' at '", folder, "'"));
}

// Nothing when the server does not say: it is no progress then.
std::optional<std::string> progress_on(const Instance& instance) try {
    return instance.connect(answering).clone_progress();
} catch (const SqlError&) {
    return std::nullopt;
}

// A clone that gets no data is ended, for it waits for a silent donor longer than anybody.
void wait_for(std::future<void>& cloning, const Instance& instance) {
    std::string seen;
    auto end = Deadline::after(idle);
    while (cloning.wait_for(between_looks) != std::future_status::ready) {
        const auto progress = progress_on(instance).value_or(seen);
        if (progress != seen) end = Deadline::after(idle);
        seen = progress;
        if (!end.expired()) continue;
        instance.connect(answering).end_clone(Deadline::after(ending));
        throw Failure(Exit::generic, "no data have come from the active server for ten minutes");
    }
    cloning.get();
}

void fetch(const Instance& instance, bool tls, const std::string& into) {
    auto database = instance.connect(longest);
    auto cloning = std::async(std::launch::async, [&] {
        database.clone(*instance.peer(), tls, instance.config.reseed_rate, into);
    });
    try {
        wait_for(cloning, instance);
    } catch (const SqlError& error) {
        throw Failure(Exit::generic, cat("CLONE: ", error.what()));
    }
}

// Settings that were made with SET PERSIST, and the keys of its TLS.
bool is_of_the_server(const fs::path& file) {
    return file.filename() == "mysqld-auto.cnf" || file.extension() == ".pem";
}

void keep_own_files(const Config& config, const std::string& folder) {
    for (const auto& entry : fs::directory_iterator(config.datadir)) {
        if (!entry.is_regular_file() || !is_of_the_server(entry.path())) continue;
        const auto copy = cat(folder, '/', entry.path().filename().string());
        fs::copy_file(entry.path(), copy);
        give_to(config.user, copy);
    }
}

}  // namespace

void fetch_by_clone(const Instance& instance, bool tls) {
    const auto& config = instance.config;
    abandon_clone(instance);
    try {
        open_window(config);
        fetch(instance, tls, window(config) + "/new");
        keep_own_files(config, new_data(config.datadir));
    } catch (...) {
        close_clone_window(config);
        throw;
    }
    close_clone_window(config);
}

void close_clone_window(const Config& config) {
    const auto folder = window(config);
    while (::umount2(folder.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) continue;
    ::rmdir(folder.c_str());
}

void abandon_clone(const Instance& instance) {
    auto database = instance.connect(answering);
    if (!database.dialect().clones) return;
    database.end_clone(Deadline::after(ending));
    close_clone_window(instance.config);
    discard_new(instance.config.datadir);
}

}  // namespace duet::mysql
