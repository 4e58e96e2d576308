// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "actions.hpp"
#include "daemon.hpp"
#include "file.hpp"
#include "log.hpp"
#include "settings.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

void look_at_files(const Config& config, std::vector<std::string>& found) {
    if (!find_program(config.binary))
        found.push_back(cat("the server '", config.binary, "' (parameter 'binary') is not installed"));
    if (::access(config.config.c_str(), R_OK) != 0)
        found.push_back(
            cat("the configuration '", config.config, "' (parameter 'config') cannot be read"));
    if (::access(config.datadir.c_str(), X_OK) != 0)
        found.push_back(
            cat("the data directory '", config.datadir, "' (parameter 'datadir') is not there"));
    if (const auto problem = secret_problem(config.credentials)) found.push_back(*problem);
}

void look_at_server(Instance& instance, const Process& process) {
    try {
        const auto found = look_at_settings(instance, process);
        for (const auto& sentence : sentences(found, false)) log::warning(sentence);
        const auto errors = sentences(found, true);
        if (!errors.empty()) throw Failure(Exit::args, join(errors, "; "));
    } catch (const SqlError& error) {
        throw Failure(Exit::generic, cat("mysqld runs, but: ", error.what()));
    }
}

}  // namespace

Exit validate(const Config& config, const Call& call) {
    if (call.check_level < 10) return Exit::success;
    std::vector<std::string> found;
    look_at_files(config, found);
    if (!found.empty()) throw Failure(Exit::args, join(found, "; "));
    Instance instance(config, call);
    if (const auto process = instance.server.find()) look_at_server(instance, *process);
    return Exit::success;
}

}  // namespace duet::mysql
