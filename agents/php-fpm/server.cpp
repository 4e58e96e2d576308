// SPDX-License-Identifier: GPL-2.0-or-later
#include "server.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <csignal>

#include "fastcgi.hpp"
#include "policy.hpp"
#include "text.hpp"

namespace duet::php_fpm {

namespace {

Verdict verdict(const Judgement& judgement) {
    switch (judgement.finding) {
        case Judgement::Finding::good: return {};
        case Judgement::Finding::slow: return {Health::slow, judgement.sentence};
        case Judgement::Finding::bad: break;
    }
    return {Health::bad, judgement.sentence};
}

Page fetch(const Config& config, const std::string& place, const std::string& path,
           const Deadline& deadline) {
    const auto target = parse_fastcgi_target(place);
    const auto total = std::min(config.patience, deadline.remaining());
    const auto answer = target ? ask_fastcgi(*target, path,
                                             {std::min(config.connect_patience, total), total})
                               : Answer{};
    return {place, path, answer.reached, answer.status, answer.body, answer.error, answer.took};
}

// `patience` is for all of it together.
Verdict ask(const Config& config, const Deadline& deadline) {
    const auto end = deadline.at_most(config.patience);
    const Expected expected{config.response, config.slow, config.queue};
    std::vector<Verdict> verdicts;
    for (const auto& place : config.listen) {
        verdicts.push_back(
            verdict(judge_ping(fetch(config, place, config.ping, end), expected)));
        if (config.status.empty() || verdicts.back().health == Health::bad) continue;
        verdicts.push_back(
            verdict(judge_status(fetch(config, place, config.status, end), expected)));
    }
    return worst(verdicts);
}

std::string binary(const Config& config) {
    if (find_program(config.binary)) return config.binary;
    return versioned_name(config.binary, config.config).value_or(config.binary);
}

// A port as listening.hpp wants it, or the path.
std::vector<std::string> places(const Config& config) {
    std::vector<std::string> places;
    for (const auto& word : config.listen)
        if (const auto target = parse_fastcgi_target(word))
            places.push_back(target->path.empty() ? cat(target->port) : target->path);
    return places;
}

// /run is empty after a boot and the distribution's unit, which would make it, is disabled.
void make_folders(const Config& config) {
    for (const auto& word : config.listen)
        if (const auto folder = word.substr(0, word.rfind('/')); folder.starts_with('/'))
            ::mkdir(folder.c_str(), 0755);
}

}  // namespace

Service service(const Config& config) {
    Service service;
    service.name = "php-fpm";
    service.marks = {binary(config), config.config, is_master, is_starting, is_worker,
                     places(config)};
    // In the foreground, as the distribution's unit does it: it then stays one process, whose
    // number a reload does not change.
    service.start_arguments = {"-F", "-y", config.config};
    service.test_arguments = {"-t", "-y", config.config};
    service.reload_signal = SIGUSR2;
    service.message = message;
    service.prepare = [&config] { make_folders(config); };
    service.ask = [&config](const Deadline& deadline) { return ask(config, deadline); };
    service.drain = config.drain;
    return service;
}

}  // namespace duet::php_fpm
