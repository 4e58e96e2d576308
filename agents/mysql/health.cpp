// SPDX-License-Identifier: GPL-2.0-or-later
#include "health.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "fd.hpp"
#include "log.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr std::chrono::seconds probe_timeout{1};
constexpr const char* places_note = "places";

std::optional<FullPlace> full_place(const std::string& path) {
    struct statvfs room{};
    if (::statvfs(path.c_str(), &room) != 0) return std::nullopt;
    const FullPlace place{path, std::uint64_t(room.f_bavail) * room.f_frsize,
                          std::uint64_t(room.f_blocks) * room.f_frsize};
    if (is_full(place.free, place.size)) return place;
    return std::nullopt;
}

// What is inside the data directory has the room of the data directory.
std::vector<std::string> other_folders(const std::string& datadir,
                                       const std::vector<std::string>& files) {
    std::vector<std::string> found;
    for (const auto& file : files) {
        const auto folder = file.substr(0, file.rfind('/'));
        if (file.starts_with('/') && !file.starts_with(datadir + '/') &&
            std::find(found.begin(), found.end(), folder) == found.end())
            found.push_back(folder);
    }
    return found;
}

std::vector<std::string> folders_of(const Instance& instance) {
    auto folders = split(instance.notes.get(places_note).value_or(""), '\t');
    folders.front() = instance.config.datadir;
    return folders;
}

std::optional<FullPlace> first_full(const Instance& instance) {
    for (const auto& folder : folders_of(instance))
        if (const auto place = full_place(folder)) return place;
    return std::nullopt;
}

}  // namespace

std::string lack_of_room(const Instance& instance) {
    const auto place = first_full(instance);
    return place ? "; " + to_text(*place) : std::string();
}

void learn_places(Instance& instance, const Process& process) {
    const auto life = instance.life(process);
    const auto known = split(instance.notes.get(places_note).value_or(""), '\t');
    if (life.empty() || known.front() == life) return;
    const auto places = instance.connect(probe_timeout).places();
    const auto folders = other_folders(instance.config.datadir, places.files);
    if (places.extra_port > 0) {
        instance.notes.set("extra port", cat(places.extra_port));
    } else {
        instance.notes.erase("extra port");
    }
    instance.notes.set("temporary", places.temporary);
    std::string note = life;
    for (const auto& folder : folders) note += '\t' + folder;
    instance.notes.set(places_note, note);
}

void look_at_disks(Instance& instance, HealthView& view) {
    view.full = first_full(instance);
    if (view.full) {
        view.full_for = instance.notes.running("full");
    } else {
        instance.notes.erase("full");
    }
    std::string sentence;
    for (const auto& folder : split(instance.notes.get("temporary").value_or(""), ':'))
        if (const auto place = folder.empty() ? std::nullopt : full_place(folder))
            sentence = cat(to_text(*place), ": large queries fail");
    warn_once(instance, "warned of tmp", sentence);
}

ActiveSign probe_active(Instance& instance) {
    ActiveSign sign;
    auto database = instance.connect(probe_timeout);
    // It answers. A lock is to be told from a disk that does not.
    if (const int seconds = database.dialect().least_lock_wait)
        database = instance.connect(probe_timeout + std::chrono::seconds(seconds));
    const auto error = database.probe_write();
    if (error && sign_of(error->code()) == Sign::held) {
        sign.sign = Sign::held;
        // A write that is stuck on the disk can hold a lock, too.
        database.flush_log();
    }
    const bool denied = error && sign.sign != Sign::held;
    warn_once(instance, "warned of probe",
              denied ? cat("the monitor may not try to write: ", error->what()) : std::string());
    sign.open = database.is_open();
    return sign;
}

bool greets(const std::string& socket, Milliseconds limit) {
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (!fd || socket.size() >= sizeof address.sun_path) return false;
    std::memcpy(address.sun_path, socket.c_str(), socket.size() + 1);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return false;
    pollfd watched{fd.get(), POLLIN, 0};
    return ::poll(&watched, 1, int(limit.count())) == 1 && (watched.revents & POLLIN);
}

void warn_once(Instance& instance, const char* note, const std::string& sentence) {
    if (sentence.empty()) {
        instance.notes.erase(note);
    } else if (instance.notes.get(note) != sentence) {
        log::warning(sentence);
        instance.notes.set(note, sentence);
    }
}

}  // namespace duet::mysql
