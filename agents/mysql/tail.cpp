// SPDX-License-Identifier: GPL-2.0-or-later
#include "tail.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "binlog.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "log.hpp"
#include "saved.hpp"
#include "server_options.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t raw_tails_kept = 3;

std::uint64_t size_of(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? std::uint64_t(status.st_size) : 0;
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// The copies and, line by line, the paths they were made of.
std::string place(const Call& call) {
    return cat(DUET_STATEDIR, '/', call.agent, '-', call.instance, "/tail");
}

// What of the copies the server's files no longer have. A file that the server has purged for its
// age is no cut: a cut shortens a file and takes all behind it.
std::optional<Piece> find_cut(const std::string& folder, const Deadline& end) {
    const auto originals = split(read_file(folder + "/files").value_or(""), '\n');
    for (auto file = originals.begin(); file != originals.end(); ++file) {
        if (file->empty()) continue;
        const auto now = size_of(*file), before = size_of(cat(folder, '/', base_name(*file)));
        if (now == 0 || now >= before) continue;
        std::vector<std::string> copies;
        for (; file != originals.end(); ++file)
            if (!file->empty()) copies.push_back(cat(folder, '/', base_name(*file)));
        return piece_of(copies, now, end);
    }
    return std::nullopt;
}

void save_cut(const Call& call, const std::string& folder, const Piece& cut, const Deadline& end) {
    const auto what = cat("Cut off on ", call.node.empty() ? "this server" : call.node,
                          " by the server's recovery after a crash. The other server had been promoted "
                          "since, and no client was ever told that these were committed.");
    const auto names = name_some(cut.gtids, 5);
    try {
        const auto file = save_as_sql(call, "cut", what, cut, end);
        log::warning("the recovery has cut off ", cut.gtids.size(),
                     " transactions that no client was told: ", names, "; they are saved in '",
                     file, "'");
        fs::remove_all(folder);
    } catch (const std::exception& error) {
        const auto kept = cat(lasting_folder(call), "/cut-", date_word(), ".raw");
        fs::rename(folder, kept);
        log::error("the recovery has cut off ", cut.gtids.size(),
                   " transactions that no client was told: ", names,
                   "; no SQL could be made of them (", error.what(),
                   "), so the binary logs as they were are kept in '", kept,
                   "': mariadb-binlog --verbose --start-position=", cut.ranges.front().begin,
                   ' ', base_name(cut.ranges.front().file));
        keep_newest(call, "cut", ".raw", raw_tails_kept);
    }
}

void settle(const Call& call) {
    const auto folder = place(call);
    if (::access((folder + "/files").c_str(), F_OK) != 0) return;
    const auto end = call.deadline.share(50);
    const auto cut = find_cut(folder, end);
    const auto id = parse_integer(trim(read_file(folder + "/server_id").value_or("")));
    // What it had from the other server it gets from there again.
    const bool own = cut && std::any_of(cut->gtids.begin(), cut->gtids.end(), [&](const auto& gtid) {
                         return !id || gtid.server == *id;
                     });
    if (cut && !cut->gtids.empty() && !own)
        log::info("the recovery has cut off what comes again from the other server: ",
                  name_some(cut->gtids, 5));
    if (own) {
        save_cut(call, folder, *cut, end);
    } else {
        fs::remove_all(folder);
    }
}

}  // namespace

void copy_tail(const Config& config, const Call& call) try {
    settle(call);  // of a start that did not come that far
    const auto folder = place(call);
    fs::remove_all(folder);
    const auto end = call.deadline.share(50);
    const auto options = read_server_options(config, end);
    if (options.binlog.empty() || !options.cuts_tail) return;
    const auto all = read_index(options.binlog_index, config.datadir);
    if (all.empty() || was_closed(all.back())) return;
    const auto files = files_for_recovery(all, end);
    lasting_folder(call);
    if (::mkdir(folder.c_str(), 0700) != 0) throw_errno(cat("make the folder '", folder, "'"));
    for (const auto& file : files) copy_file(file, cat(folder, '/', base_name(file)), end);
    replace_file(folder + "/server_id", cat(options.server_id, '\n'), duet::Durability::none);
    // Last: without it they are no copies but a beginning of some.
    replace_file(folder + "/files", join(files, "\n") + '\n', duet::Durability::none);
} catch (const std::exception& error) {
    log::error("what this recovery may cut off could not be copied before: ", error.what());
    std::error_code ignored;
    fs::remove_all(place(call), ignored);
}

void settle_tail(const Call& call) try {
    settle(call);
} catch (const std::exception& error) {
    log::error("could not compare the binary logs with their copies of before the recovery: ",
               error.what());
}

}  // namespace duet::mysql
