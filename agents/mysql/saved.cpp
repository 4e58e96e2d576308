// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

// MariaDB's takes the old name, too, and cannot read what MySQL writes.
std::string decoder_of_mysql(const std::string& server) {
    if (const auto program = find_program(server)) {
        const auto folder = program->substr(0, program->rfind('/'));
        for (const auto* beside : {"/mysqlbinlog", "/../bin/mysqlbinlog"})
            if (auto found = find_program(folder + beside)) return *found;
    }
    if (auto found = find_program("mysqlbinlog")) return *found;
    throw Failure(Exit::generic, "mysqlbinlog is not installed");
}

std::string heading(const std::string& what, const std::string& names, const char* client) {
    return cat("-- ", what, "\n-- Transactions: ", names,
               "\n-- To read: the lines that begin with ###.\n"
               "-- To apply again, after a look, on the active server: ", client,
               " < THIS FILE\n"
               "-- (They become new transactions: the lines with their old numbers are comments.)\n");
}

// Their old numbers would be out of order in today's history, or let a diverged server follow.
std::string with_new_number(const std::string& line) {
    const auto has = [&](const char* words) { return line.find(words) != line.npos; };
    if (has("SET @@session.gtid_seq_no=")) return "-- " + line;
    // MySQL refuses a transaction behind a format description without it.
    if (has("SET @@SESSION.GTID_NEXT="))
        return cat("-- ", line, "\nSET @@SESSION.GTID_NEXT= 'AUTOMATIC'/*!*/;");
    return line;
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
        out << with_new_number(line) << '\n';
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

using Arguments = std::vector<std::string>;

// `decodings`: the decoder's arguments for each part.
std::string write(const Call& call, const std::string& kind, const std::string& heading,
                  const std::string& decoder, const std::vector<Arguments>& decodings,
                  const Deadline& end) {
    const auto name = cat(lasting_folder(call), '/', kind, '-', date_word(), ".sql");
    const Remove raw{name + ".raw"}, half{name + ".new"};
    make_private(half.path).reset();
    append(half.path, heading);
    for (const auto& decoding : decodings) {
        make_private(raw.path).reset();
        Arguments argv{decoder, "--no-defaults", "--verbose", cat("--result-file=", raw.path)};
        argv.insert(argv.end(), decoding.begin(), decoding.end());
        const auto ended = run(argv, end);
        if (!ended.succeeded())
            throw Failure(Exit::generic, cat(decoder, ' ', ended.how(), ": ", ended.last_words()));
        append_rewritten(half.path, raw.path);
    }
    sync(half.path);
    std::filesystem::rename(half.path, name);
    sync(lasting_folder(call));
    keep_newest(call, kind, ".sql", sql_files_kept);
    return name;
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

bool is_there(const std::string& note) {
    const auto mark = note.find(saved_in);
    return mark != note.npos && ::access(note.substr(mark + saved_in.size()).c_str(), F_OK) == 0;
}

std::string only_has(const std::string& node, const std::string& peer) {
    return cat("Only ", node, " has these, and ", peer, " was promoted since.");
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
    std::vector<Arguments> decodings;
    for (const auto& range : piece.ranges) {
        decodings.push_back({cat("--start-position=", std::max(first_position, range.begin))});
        if (range.end) decodings.back().push_back(cat("--stop-position=", range.end));
        decodings.back().push_back(range.file);
    }
    return write(call, kind, heading(what, name_some(piece.gtids, gtids_listed), "mariadb"),
                 decoder(), decodings, end);
}

std::string save_as_sql(const Call& call, const std::string& kind, const std::string& what,
                        const GtidSet& set, const std::vector<std::string>& files,
                        const std::string& server, const Deadline& end) {
    Arguments arguments{cat("--include-gtids=", to_text(set))};
    arguments.insert(arguments.end(), files.begin(), files.end());
    return write(call, kind, heading(what, to_text(set), "mysql"), decoder_of_mysql(server),
                 {arguments}, end);
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
