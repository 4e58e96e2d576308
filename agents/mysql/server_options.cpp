// SPDX-License-Identifier: GPL-2.0-or-later
#include "server_options.hpp"

#include <filesystem>

#include "daemon.hpp"
#include "dialect.hpp"
#include "failure.hpp"
#include "process.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr std::string_view no_value = "(No";  // "(No default value)"

bool places_data(const std::string& option) {
    return option == "innodb-data-home-dir" || option == "innodb-log-group-home-dir" ||
           option == "innodb-undo-directory" || option == "aria-log-dir-path";
}

std::string real(const std::string& path) {
    return std::filesystem::weakly_canonical(path).string();
}

}  // namespace

ServerOptions read_server_options(const Config& config, const Deadline& deadline) {
    const auto program = find_program(config.binary);
    if (!program)
        throw Failure(Exit::installed,
                      cat("the server '", config.binary, "' (parameter 'binary') is not installed"));
    RunOptions run_options;
    run_options.output_limit = 1024 * 1024;
    const auto ended = run({*program, cat("--defaults-file=", config.config),
                            cat("--datadir=", config.datadir), "--verbose", "--help"},
                           deadline, run_options);
    ServerOptions options;
    const auto& words = dialect_of_program(ended.out);
    options.cuts_tail = words.cuts_tail;
    options.clones = words.clones;
    const auto absolute = [&](const std::string& name) {
        return name.starts_with('/') ? name : cat(config.datadir, '/', name);
    };
    for (const auto& line : split(ended.out, '\n')) {
        const auto pair = split_words(line);
        if (pair.size() < 2 || pair[1] == no_value) continue;
        if (places_data(pair[0]) && pair[1].starts_with('/') &&
            !real(pair[1] + '/').starts_with(real(config.datadir + '/')))
            options.elsewhere = cat(pair[0], " is ", pair[1]);
        if (pair[0] == "server-id") options.server_id = long(parse_integer(pair[1]).value_or(0));
        if (pair[0] == "log-bin") options.binlog = absolute(pair[1]);
        if (pair[0] == "log-bin-index") options.binlog_index = absolute(pair[1]);
    }
    if (options.binlog.empty()) return options;
    const auto name = options.binlog.rfind('/');
    const auto dot = options.binlog.rfind('.');
    if (dot != std::string::npos && dot > name) options.binlog.resize(dot);
    if (options.binlog_index.empty()) options.binlog_index = options.binlog + ".index";
    return options;
}

}  // namespace duet::mysql
