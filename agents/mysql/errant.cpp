// SPDX-License-Identifier: GPL-2.0-or-later
#include "errant.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "binlog.hpp"
#include "comparison.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "saved.hpp"
#include "server_options.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t copies_kept = 3;
constexpr const char* list = "/gtids";

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// From the newest one back to the one before which nothing of it was written.
std::vector<std::string> files_with(const Instance& instance, const GtidSet& errant,
                                    const Deadline& end) {
    auto database = instance.connect(std::chrono::seconds(10));
    const auto options = read_server_options(instance.config, end);
    const auto files = read_index(options.binlog_index, instance.config.datadir);
    std::vector<std::string> found;
    for (auto file = files.rbegin(); file != files.rend(); ++file) {
        found.push_back(*file);
        const auto before = parse_gtid_set(database.executed_before(base_name(*file)));
        if (before && subtract(errant, *before) == errant) return found;
    }
    throw Failure(Exit::generic, "what only this server has is not in its binary logs");
}

bool is_saved(const Instance& instance, const std::string& names) {
    for (const auto& entry : fs::directory_iterator(lasting_folder(instance.call)))
        if (entry.path().filename().string().starts_with("diverged-") &&
            trim(read_file(entry.path().string() + list).value_or("")) == names)
            return true;
    return false;
}

}  // namespace

std::optional<std::string> save_errant(const Instance& instance, const Deadline& end) {
    const auto found = compare_with(*instance.peer(), read_credentials(instance.config.credentials),
                                    instance.connect().look().applied_position);
    if (found.verdict == Verdict::unknown)
        throw Failure(Exit::generic, "the active server does not answer, so nobody knows what only "
                                     "this one has");
    const auto names = to_text(found.errant);
    if (found.verdict == Verdict::clean || is_saved(instance, names)) return std::nullopt;
    const auto files = files_with(instance, found.errant, end);
    const auto folder = cat(lasting_folder(instance.call), "/diverged-", date_word(), ".raw");
    const auto half = folder + ".new";
    fs::remove_all(half);
    if (::mkdir(half.c_str(), 0700) != 0) throw_errno(cat("make the folder '", half, "'"));
    try {
        for (const auto& file : files) copy_file(file, cat(half, '/', base_name(file)), end);
        replace_file(half + list, names + '\n', duet::Durability::synced, 0600);
        fs::rename(half, folder);
    } catch (...) {
        fs::remove_all(half);
        throw;
    }
    keep_newest(instance.call, "diverged", ".raw", copies_kept);
    return cat(names, ", saved in ", folder, ": mysqlbinlog --verbose --include-gtids=", names, ' ',
               folder, "/*");
}

}  // namespace duet::mysql
