// SPDX-License-Identifier: GPL-2.0-or-later
#include "binlog.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "fd.hpp"
#include "file.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr std::size_t header_size = 19;
constexpr std::uint64_t first_event = 4;
constexpr unsigned char start_encryption = 164, checkpoint_event = 161, gtid_event = 162;
constexpr std::size_t body_wanted = 512;  // a file name in a checkpoint, at most

std::uint64_t little_endian(const unsigned char* bytes, int count) {
    std::uint64_t value = 0;
    for (int i = count; i-- > 0;) value = value << 8 | bytes[i];
    return value;
}

// A window of the file that moves forward.
class Window {
  public:
    explicit Window(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        struct stat status{};
        if (fd_ && ::fstat(fd_.get(), &status) == 0) size_ = std::uint64_t(status.st_size);
        if (fd_) ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    std::uint64_t size() const { return size_; }
    // `count` bytes at `position`; null past the end.
    const unsigned char* at(std::uint64_t position, std::size_t count) {
        if (position + count > size_) return nullptr;
        if (position < begin_ || position + count > begin_ + filled_) {
            const auto got = ::pread(fd_.get(), block_.data(), block_.size(), off_t(position));
            begin_ = position;
            filled_ = got > 0 ? std::size_t(got) : 0;
            if (filled_ < count) return nullptr;
        }
        return block_.data() + (position - begin_);
    }

  private:
    Fd fd_;
    std::uint64_t size_ = 0, begin_ = 0;
    std::size_t filled_ = 0;
    std::array<unsigned char, 65536> block_;
};

void read_body(Window& file, BinlogEvent& event, unsigned char type, std::uint32_t server) {
    const auto size = std::min<std::uint64_t>(event.end - event.begin, body_wanted);
    const auto* bytes = file.at(event.begin, std::size_t(size));
    if (!bytes) return;
    const auto* body = bytes + header_size;
    if (type == gtid_event && size >= header_size + 13)
        event.gtid = DomainGtid{std::uint32_t(little_endian(body + 8, 4)), server,
                                little_endian(body, 8)};
    if (type == checkpoint_event && size >= header_size + 4) {
        const auto length = little_endian(body, 4);
        if (header_size + 4 + length <= size)
            event.checkpoint.assign(reinterpret_cast<const char*>(body + 4), std::size_t(length));
    }
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

bool for_each_event(const std::string& path, const Deadline& end,
                    const std::function<bool(const BinlogEvent&)>& use) {
    Window file(path);
    const auto* magic = file.at(0, first_event);
    if (!magic || std::memcmp(magic, "\xfe" "bin", first_event) != 0) return false;
    unsigned count = 0;
    for (auto position = first_event; position != file.size();) {
        if (++count % 65536 == 0) end.pause(Milliseconds(0), cat("'", path, "' to be read"));
        const auto* header = file.at(position, header_size);
        if (!header) return false;
        const auto size = little_endian(header + 9, 4);
        const auto type = header[4];
        if (size < header_size || position + size > file.size()) return false;
        BinlogEvent event;
        event.begin = position;
        event.end = position + size;
        if (type == gtid_event || type == checkpoint_event)
            read_body(file, event, type, std::uint32_t(little_endian(header + 5, 4)));
        if (!use(event)) return true;
        if (type == start_encryption) return false;
        position += size;
    }
    return true;
}

bool was_closed(const std::string& path) {
    constexpr std::size_t flags = 17;
    constexpr unsigned char in_use = 1;
    Window file(path);
    const auto* header = file.at(first_event, header_size);
    return header && (header[flags] & in_use) == 0;
}

std::vector<std::string> read_index(const std::string& path, const std::string& folder) {
    std::vector<std::string> files;
    for (const auto& line : split(read_file(path).value_or(""), '\n')) {
        auto name = std::string(trim(line));
        if (name.starts_with("./")) name.erase(0, 2);
        if (name.empty()) continue;
        files.push_back(name.starts_with('/') ? name : cat(folder, '/', name));
    }
    return files;
}

std::vector<std::string> files_for_recovery(const std::vector<std::string>& files,
                                            const Deadline& end) {
    if (files.empty()) return {};
    std::string checkpoint;
    for_each_event(files.back(), end, [&](const BinlogEvent& event) {
        if (!event.checkpoint.empty()) checkpoint = event.checkpoint;
        return true;
    });
    const auto first = std::find_if(files.begin(), files.end(), [&](const std::string& file) {
        return base_name(file) == base_name(checkpoint);
    });
    if (first != files.end()) return {first, files.end()};
    return {files.end() - std::min<std::ptrdiff_t>(2, std::ptrdiff_t(files.size())), files.end()};
}

}  // namespace duet::mysql
