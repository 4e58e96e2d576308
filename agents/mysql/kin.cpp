// SPDX-License-Identifier: GPL-2.0-or-later
#include "kin.hpp"

#include <unistd.h>

#include <algorithm>

#include "binlog.hpp"
#include "errant.hpp"
#include "failure.hpp"
#include "gtid.hpp"
#include "log.hpp"
#include "saved.hpp"
#include "server_options.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

// MariaDB error codes: ER_MASTER_FATAL_ERROR_READING_BINLOG, ER_GTID_STRICT_OUT_OF_ORDER.
constexpr int not_in_source_log = 1236;
constexpr int out_of_order = 1950;

constexpr std::chrono::seconds source_timeout{1};
constexpr Milliseconds ask_again_after{10'000};
constexpr std::size_t gtids_shown = 5;
constexpr std::string_view saved_in = ", saved in ";

// A verdict stands for as long as this does: another promotion of the other server gives it nothing
// that this one has.
std::string subject(const DatabaseView& database, const Process& process) {
    return cat(process.pid(), '.', process.start_time(), ' ', database.binlog_position, ' ',
               database.applied_position);
}

// Of several workers that stop together the last one's error is shown, which may be a consequence.
// What this server has in its log without having applied it, it wrote itself.
bool wrote_itself(const DatabaseView& database) {
    return !database.applier_runs && database.applier_errno != 0 &&
           !covers(database.applied_position, database.binlog_position);
}

std::optional<GtidState> state_of_source(const Instance& instance) {
    const auto credentials = read_credentials(instance.config.credentials);
    SqlTarget target;
    target.host = instance.peer()->address;
    target.port = instance.peer()->port;
    target.user = credentials.replication_user;
    target.password = credentials.replication_password;
    target.timeout = source_timeout;
    try {
        const auto rows = SqlSession(target).rows(
            "SELECT @@gtid_binlog_state AS written, @@gtid_slave_pos AS applied");
        const auto written = parse_gtid_state(rows.at(0)["written"]);
        const auto applied = parse_gtid_state(rows.at(0)["applied"]);
        if (!written || !applied) return std::nullopt;
        return merged(*written, *applied);
    } catch (const SqlError& error) {
        log::info("could not compare with the other server: ", error.what());
        return std::nullopt;
    }
}

std::optional<GtidState> state_of_this(const Instance& instance) {
    return parse_gtid_state(instance.connect(std::chrono::seconds(5)).binlog_state());
}

// What of one file the other server lacks, oldest first. True when the first transaction is one that
// it has.
bool own_of_file(const std::string& file, const GtidState& theirs, const Deadline& end,
                 Piece& piece) {
    bool first = true, begins_common = false, inside = false;
    for_each_event(file, end, [&](const BinlogEvent& event) {
        if (!event.gtid) return true;
        const bool own = !contains(theirs, *event.gtid);
        if (first) begins_common = !own;
        first = false;
        if (inside && !own) piece.ranges.back().end = event.begin;
        if (own && !inside) piece.ranges.push_back({file, event.begin, 0});
        if (own) piece.gtids.push_back(*event.gtid);
        inside = own;
        return true;
    });
    return begins_common;
}

bool holds_all(const Piece& piece, const std::vector<DomainGtid>& wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const DomainGtid& gtid) {
        return std::find(piece.gtids.begin(), piece.gtids.end(), gtid) != piece.gtids.end();
    });
}

// The parallel applier may have written what both have between and behind them, so it goes back until
// the last one of each server is found, and then to a file that begins with one that both have.
Piece own_piece(const Instance& instance, const GtidState& theirs,
                const std::vector<DomainGtid>& missing, const Deadline& end) {
    const auto options = read_server_options(instance.config, end);
    auto files = read_index(options.binlog_index, instance.config.datadir);
    Piece all;
    for (auto file = files.rbegin(); file != files.rend(); ++file) {
        Piece piece;
        const bool begins_common = own_of_file(*file, theirs, end, piece);
        all.ranges.insert(all.ranges.begin(), piece.ranges.begin(), piece.ranges.end());
        all.gtids.insert(all.gtids.begin(), piece.gtids.begin(), piece.gtids.end());
        if (begins_common && holds_all(all, missing)) break;
    }
    return all;
}

std::string save(const Instance& instance, const Piece& piece, const Deadline& end) {
    return save_as_sql(instance.call, "diverged",
                       cat("Only ", instance.call.node, " has these, and ", instance.peer()->node,
                           " was promoted since."),
                       piece, end);
}

// Once for each divergence. Returns what a person is to see.
std::string name_and_save(const Instance& instance, const GtidState& theirs,
                          const std::vector<DomainGtid>& missing) {
    auto names = name_some(missing, gtids_shown);
    const auto end = instance.call.deadline.share(50);
    std::string saved;
    try {
        const auto piece = own_piece(instance, theirs, missing, end);
        if (!piece.gtids.empty()) {
            names = name_some(piece.gtids, gtids_shown);
            saved = save(instance, piece, end);
        }
    } catch (const std::exception& error) {
        log::error("could not save what only this server has: ", error.what());
    }
    log::error("diverged: ", instance.peer()->node, " does not have ", names,
               saved.empty() ? "" : cat("; saved in '", saved, "'"),
               ": this server is left as it is until it is seeded anew");
    return saved.empty() ? names : cat(names, saved_in, saved);
}

Kinship compare(Instance& instance, const DatabaseView& database, const Process& process,
                bool symptoms) {
    KinshipView view;
    view.ours = state_of_this(instance);
    view.theirs = state_of_source(instance);
    view.source_refused = symptoms && database.receiver_errno == not_in_source_log;
    view.out_of_order = symptoms && database.applier_errno == out_of_order;
    const auto kinship = judge(view);
    auto& notes = instance.notes;
    const auto about = subject(database, process);
    if (kinship == Kinship::diverged &&
        !(notes.get("kinship of") == about && notes.get("kinship") == to_text(kinship))) {
        std::vector<DomainGtid> missing;
        if (view.ours && view.theirs) missing = missing_in(*view.theirs, *view.ours);
        notes.set("diverged", missing.empty() ? "the applier met a transaction out of order"
                                              : name_and_save(instance, *view.theirs, missing));
    }
    if (kinship == Kinship::too_old &&
        !(notes.get("kinship of") == about && notes.get("kinship") == to_text(kinship)))
        log::error("too old: ", instance.peer()->node, " no longer keeps what this server lacks "
                   "behind ", database.applied_position, ": it has to be seeded anew");
    notes.set("kinship", to_text(kinship));
    notes.set("kinship of", about);
    notes.set("compared", cat(Notes::now()));
    return kinship;
}

}  // namespace

Kinship assess_kinship(Instance& instance, const DatabaseView& database, const Process& process) {
    const bool symptoms = database.receiver_errno == not_in_source_log ||
                          database.applier_errno == out_of_order || wrote_itself(database);
    const auto& notes = instance.notes;
    if (!symptoms && database.receiver != Receiver::stopped) return Kinship::kin;
    const auto about = subject(database, process);
    const auto known = parse_kinship(notes.get("kinship").value_or(""));
    if (notes.get("kinship of") == about && is_lost(known)) return known;
    // The error of before somebody changed the position says nothing about this one.
    if (!symptoms || is_lost(known)) return Kinship::unknown;
    const auto compared = notes.since("compared");
    if (compared && *compared < ask_again_after && notes.get("kinship of") == about &&
        known == Kinship::unknown)
        return Kinship::unknown;
    return compare(instance, database, process, true);
}

Kinship compare_before_following(Instance& instance, const DatabaseView& database,
                                 const Process& process) {
    return compare(instance, database, process, false);
}

std::optional<std::string> save_what_is_own(const Instance& instance, const Deadline& end) {
    if (!instance.connect().dialect().cuts_tail) return save_errant(instance, end);
    const auto theirs = state_of_source(instance);
    const auto ours = state_of_this(instance);
    if (!theirs || !ours)
        throw Failure(Exit::generic, "the active server does not answer, so nobody knows what only "
                                     "this one has");
    const auto missing = missing_in(*theirs, *ours);
    if (missing.empty()) return std::nullopt;
    const auto known = instance.notes.get("diverged").value_or("");
    const auto mark = known.find(saved_in);
    if (mark != known.npos && known.find(to_text(missing.back())) < mark &&
        ::access(known.substr(mark + saved_in.size()).c_str(), F_OK) == 0)
        return std::nullopt;
    const auto piece = own_piece(instance, *theirs, missing, end);
    if (piece.gtids.empty())
        throw Failure(Exit::generic, "what only this server has is not in its binary logs");
    return cat(name_some(piece.gtids, gtids_shown), saved_in, save(instance, piece, end));
}

std::string kinship_clause(const Instance& instance) {
    switch (parse_kinship(instance.notes.get("kinship").value_or(""))) {
        case Kinship::diverged:
            return cat("; it has diverged: ", instance.notes.get("diverged").value_or(""));
        case Kinship::too_old: return "; what it lacks the other server no longer keeps";
        default: return {};
    }
}

void publish_kinship(Instance& instance, Kinship kinship) {
    const auto name = instance.attribute("diverged");
    const auto names = instance.notes.get("diverged");
    if (kinship == Kinship::diverged && names) {
        instance.attributes.set(name, *names);
    } else if (instance.attributes.last_written(name)) {
        instance.attributes.remove(name);
    }
}

}  // namespace duet::mysql
