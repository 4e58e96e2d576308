// SPDX-License-Identifier: GPL-2.0-or-later
#include "errant.hpp"

#include "comparison.hpp"
#include "failure.hpp"
#include "log.hpp"
#include "saved.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

std::string save(const Instance& instance, Database& database, const GtidSet& set,
                 const Deadline& end) {
    const auto logged = database.logged(set);
    if (logged.set.empty())
        throw Failure(Exit::generic, "what only this server has is not in its binary logs");
    return save_as_sql(instance.call, "diverged",
                       only_has(instance.call.node, instance.peer()->node), logged.set, logged.files,
                       instance.config.binary, end);
}

}  // namespace

void note_errant(Instance& instance, Database& database, const GtidSet& set) {
    const auto names = to_text(set);
    const auto known = instance.notes.get("diverged").value_or("");
    if (known == names || known.starts_with(cat(names, saved_in))) return;
    std::string saved;
    try {
        saved = save(instance, database, set, instance.call.deadline.share(50));
    } catch (const std::exception& error) {
        log::error("could not save what only this server has: ", error.what());
    }
    log::error("diverged: ", instance.peer()->node, " does not have ", names,
               saved.empty() ? "" : cat("; saved in '", saved, "'"),
               ": this server is left as it is until it is seeded anew");
    instance.notes.set("diverged", saved.empty() ? names : cat(names, saved_in, saved));
}

std::optional<std::string> save_errant(const Instance& instance, Database& database,
                                       const Deadline& end) {
    const auto found = compare_with(*instance.peer(), read_credentials(instance.config.credentials),
                                    database.look().applied_position);
    if (found.verdict == Verdict::unknown)
        throw Failure(Exit::generic, cat("nobody knows what only this server has: ", found.error));
    if (found.verdict == Verdict::clean) return std::nullopt;
    const auto names = to_text(found.errant);
    const auto known = instance.notes.get("diverged").value_or("");
    if (known.starts_with(cat(names, saved_in)) && is_there(known)) return std::nullopt;
    return cat(names, saved_in, save(instance, database, found.errant, end));
}

}  // namespace duet::mysql
