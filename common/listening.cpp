// SPDX-License-Identifier: GPL-2.0-or-later
#include "listening.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "file.hpp"
#include "text.hpp"

namespace duet {

namespace {

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

bool contains(const std::vector<std::string>& places, const std::string& place) {
    return std::find(places.begin(), places.end(), place) != places.end();
}

// proc_net_tcp(5): the local address is ADDRESS:PORT in hexadecimal, state 0A is TCP_LISTEN.
void add_tcp(const char* table, const std::vector<std::string>& places,
             std::set<std::string>& inodes) {
    for (const auto& line : split(read_file(table).value_or(""), '\n')) {
        const auto fields = split_words(line);
        if (fields.size() < 10 || fields[3] != "0A") continue;
        const auto digits = fields[1].substr(fields[1].rfind(':') + 1);
        unsigned port = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), port, 16);
        if (contains(places, cat(port))) inodes.insert(fields[9]);
    }
}

// proc_net_unix: Num RefCount Protocol Flags Type St Inode Path; flag 00010000 is SO_ACCEPTCON.
void add_unix(const std::vector<std::string>& places, std::set<std::string>& inodes) {
    for (const auto& line : split(read_file("/proc/net/unix").value_or(""), '\n')) {
        const auto fields = split_words(line);
        if (fields.size() == 8 && fields[3] == "00010000" && contains(places, fields[7]))
            inodes.insert(fields[6]);
    }
}

}  // namespace

std::set<std::string> listening_inodes(const std::vector<std::string>& places) {
    std::set<std::string> inodes;
    if (places.empty()) return inodes;
    add_tcp("/proc/net/tcp", places, inodes);
    add_tcp("/proc/net/tcp6", places, inodes);
    add_unix(places, inodes);
    return inodes;
}

bool holds_one_of(const Process& process, const std::set<std::string>& inodes) {
    if (inodes.empty()) return false;
    const auto path = cat("/proc/", process.pid(), "/fd");
    const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path.c_str()));
    if (!folder) return false;
    while (const auto* entry = ::readdir(folder.get())) {
        std::array<char, 64> text;
        const auto size = ::readlinkat(::dirfd(folder.get()), entry->d_name, text.data(), text.size());
        std::string_view link(text.data(), std::size_t(std::max<ssize_t>(size, 0)));
        constexpr std::string_view begin = "socket:[";
        if (!link.starts_with(begin) || !link.ends_with(']')) continue;
        link = link.substr(begin.size(), link.size() - begin.size() - 1);
        if (inodes.contains(std::string(link))) return true;
    }
    return false;
}

std::string who_listens(const std::vector<std::string>& places) {
    const auto inodes = listening_inodes(places);
    if (inodes.empty()) return {};
    for (const auto& process : processes())
        if (holds_one_of(process, inodes))
            return cat("process ", process.pid(), " (", process.executable(), ')');
    return {};
}

}  // namespace duet
