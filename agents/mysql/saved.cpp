// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "binlog.hpp"
#include "daemon.hpp"
#include "failure.hpp"
#include "fd.hpp"
#include "log.hpp"
#include "process.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr std::size_t sql_files_kept = 20;
constexpr std::size_t gtids_listed = 1000;
constexpr std::uint64_t first_position = 4;  // behind the magic word

// The package's successor may drop the old name, an old server has only that one.
std::string decoder() {
    for (const auto* name : {"mariadb-binlog", "mysqlbinlog"})
        if (auto program = find_program(name)) return *program;
    throw Failure(Exit::generic, "mariadb-binlog is not installed");
}

std::string heading(const std::string& what, const Piece& piece) {
    return cat("-- ", what, "\n-- Transactions: ", name_some(piece.gtids, gtids_listed),
               "\n-- To read: the lines that begin with ###.\n"
               "-- To apply again, after a look, on the active server: mariadb < THIS FILE\n"
               "-- (They become new transactions: the lines with their old numbers are comments.)\n");
}

// Their old numbers would be out of order in today's history.
bool sets_number(const std::string& line) {
    return line.find("SET @@session.gtid_seq_no=") != std::string::npos;
}

void check(const std::ofstream& out, const std::string& path) {
    if (!out) throw Failure(Exit::generic, cat("could not write '", path, "': is the disk full?"));
}

void append(const std::string& to, const std::string& text) {
    std::ofstream out(to, std::ios::app);
    out << text << std::flush;
    check(out, to);
}

void append_rewritten(const std::string& to, const std::string& from) {
    std::ifstream in(from);
    std::ofstream out(to, std::ios::app);
    for (std::string line; std::getline(in, line);)
        out << (sets_number(line) ? "-- " : "") << line << '\n';
    out << std::flush;
    check(out, to);
}

struct Remove {
    std::string path;
    ~Remove() {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
    }
};

void sync(const std::string& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) throw_errno(cat("sync '", path, "'"));
}

Fd make_private(const std::string& path) {
    Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd) throw_errno(cat("make '", path, "'"));
    return fd;
}

}  // namespace

std::string lasting_folder(const Call& call) {
    std::string path;
    for (const auto& part :
         {std::string(DUET_STATEDIR), cat('/', call.agent, '-', call.instance)}) {
        path += part;
        if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
            throw_errno(cat("make the folder '", path, "'"));
    }
    return path;
}

void copy_file(const std::string& from, const std::string& to, const Deadline& end) {
    const Fd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
    const Fd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!in || !out) throw_errno(cat("copy '", from, "' to '", to, "'"));
    if (::ioctl(out.get(), FICLONE, in.get()) == 0) return;  // shares its blocks: no time, no space
    constexpr std::size_t block = 8 << 20;
    for (;;) {
        // copy_file_range(2) refuses another file system.
        const auto copied = ::sendfile(out.get(), in.get(), nullptr, block);
        if (copied == 0) return;
        if (copied < 0) throw_errno(cat("copy '", from, "' to '", to, "'"));
        end.pause(Milliseconds(0), cat("a copy of '", from, "'"));
    }
}

std::string complaint_in(const std::string& path) {
    std::string last;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (trim(line).empty()) continue;
        last = trim(line);
        for (const char* mark : {"[ERROR]", "Error", "error:", "FATAL"})
            if (line.find(mark) != line.npos) return last;
    }
    return last;
}

std::string date_word() {
    const auto now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H%M%SZ", &parts);
    return text;
}

Piece piece_of(const std::vector<std::string>& files, std::uint64_t begin, const Deadline& end) {
    Piece piece;
    for (const auto& file : files) {
        const Range range{file, piece.ranges.empty() ? begin : 0, 0};
        for_each_event(file, end, [&](const BinlogEvent& event) {
            if (event.gtid && event.begin >= range.begin) piece.gtids.push_back(*event.gtid);
            return true;
        });
        piece.ranges.push_back(range);
    }
    return piece;
}

std::string save_as_sql(const Call& call, const std::string& kind, const std::string& what,
                        const Piece& piece, const Deadline& end) {
    const auto name = cat(lasting_folder(call), '/', kind, '-', date_word(), ".sql");
    const Remove raw{name + ".raw"}, half{name + ".new"};
    make_private(half.path).reset();
    append(half.path, heading(what, piece));
    for (const auto& range : piece.ranges) {
        make_private(raw.path).reset();
        std::vector<std::string> argv{
            decoder(), "--no-defaults", "--verbose", cat("--result-file=", raw.path),
            cat("--start-position=", std::max(first_position, range.begin))};
        if (range.end) argv.push_back(cat("--stop-position=", range.end));
        argv.push_back(range.file);
        const auto ended = run(argv, end);
        if (!ended.succeeded())
            throw Failure(Exit::generic, cat(argv[0], ' ', ended.how(), ": ", ended.last_words()));
        append_rewritten(half.path, raw.path);
    }
    sync(half.path);
    std::filesystem::rename(half.path, name);
    sync(lasting_folder(call));
    keep_newest(call, kind, ".sql", sql_files_kept);
    return name;
}

void keep_newest(const Call& call, const std::string& kind, const std::string& ending,
                 std::size_t most) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(lasting_folder(call))) {
        const auto name = entry.path().filename().string();
        if (name.starts_with(kind + '-') && name.ends_with(ending))
            found.push_back(entry.path().string());
    }
    std::sort(found.begin(), found.end());
    for (std::size_t i = 0; i + most < found.size(); ++i) {
        log::info("removing '", found[i], "': ", most, " newer ones are kept");
        std::filesystem::remove_all(found[i]);
    }
}

}  // namespace duet::mysql
