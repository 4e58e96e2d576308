// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>

namespace duet::php_fpm {

namespace {

using Finding = Judgement::Finding;

constexpr std::string_view worker_title = "php-fpm: pool ";

std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string last_line(const std::string& text) {
    std::istringstream in(text);
    std::string last;
    for (std::string line; std::getline(in, line);)
        if (!trimmed(line).empty()) last = line;
    return last;
}

std::string quoted_beginning(const std::string& body) {
    constexpr std::size_t most = 60;
    auto text = trimmed(body.substr(0, most));
    for (auto& c : text)
        if (std::iscntrl(static_cast<unsigned char>(c))) c = ' ';
    return "'" + text + (body.size() > most ? "..." : "") + "'";
}

std::string where(const Page& page) { return "'" + page.path + "' at '" + page.place + "'"; }

std::optional<Judgement> no_page(const Page& page) {
    if (!page.reached)
        return Judgement{Finding::bad, where(page) + " does not answer: " + page.error};
    if (page.status != 200)
        return Judgement{Finding::bad, where(page) + " answers with status " +
                                           std::to_string(page.status) + " and " +
                                           quoted_beginning(page.body)};
    return std::nullopt;
}

}  // namespace

bool is_master(const Words& command_line, const std::string& config) {
    return !command_line.empty() &&
           trimmed(command_line[0]) == "php-fpm: master process (" + config + ")";
}

bool is_starting(const Words& command_line, const std::string& config) {
    if (command_line.empty() || command_line[0].starts_with("php-fpm: ")) return false;
    const auto has = [&](const std::string& word) {
        return std::find(command_line.begin(), command_line.end(), word) != command_line.end();
    };
    for (const auto* other : {"-t", "-tt", "--test", "-i", "-m", "-v", "-h"})
        if (has(other)) return false;
    return has(config) || has("--fpm-config=" + config);
}

bool is_worker(const Words& command_line) {
    return !command_line.empty() && command_line[0].starts_with(worker_title);
}

std::optional<std::string> versioned_name(const std::string& binary, const std::string& config) {
    if (binary.find('/') != std::string::npos) return std::nullopt;
    const auto digit = config.find_first_of("0123456789");
    if (digit == std::string::npos || digit == 0 || config[digit - 1] != '/') return std::nullopt;
    const auto version = config.substr(digit, config.find('/', digit) - digit);
    if (version.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
    return binary + version;
}

std::string message(const std::string& output) {
    constexpr std::string_view marks[] = {"ERROR: ", "ALERT: "};
    for (const auto mark : marks) {
        const auto found = output.find(mark);
        if (found == std::string::npos) continue;
        const auto begin = found + mark.size();
        return trimmed(output.substr(begin, output.find('\n', begin) - begin));
    }
    return trimmed(last_line(output));
}

Judgement judge_ping(const Page& page, const Expected& expected) {
    if (const auto judgement = no_page(page)) return *judgement;
    if (trimmed(page.body) != expected.response)
        return {Finding::bad, where(page) + " answers " + quoted_beginning(page.body) +
                                  ", expected '" + expected.response + "'"};
    if (expected.slow.count() && page.took > expected.slow)
        return {Finding::slow, where(page) + " took " + std::to_string(page.took.count()) +
                                   "ms, slow is more than " +
                                   std::to_string(expected.slow.count()) + "ms"};
    return {};
}

std::optional<long> status_value(const std::string& body, const std::string& name) {
    std::istringstream in(body);
    for (std::string line; std::getline(in, line);) {
        const auto colon = line.find(':');
        if (colon == std::string::npos || line.substr(0, colon) != name) continue;
        const auto value = trimmed(line.substr(colon + 1));
        if (value.empty() || value.find_first_not_of("0123456789") != std::string::npos)
            return std::nullopt;
        return std::atol(value.c_str());
    }
    return std::nullopt;
}

Judgement judge_status(const Page& page, const Expected& expected) {
    if (const auto judgement = no_page(page)) return *judgement;
    const auto queue = status_value(page.body, "listen queue");
    const auto active = status_value(page.body, "active processes");
    const auto idle = status_value(page.body, "idle processes");
    if (!queue || !active || !idle)
        return {Finding::bad, where(page) + " answers " + quoted_beginning(page.body) +
                                  ", expected php-fpm's status page"};
    if (expected.queue && *queue > expected.queue)
        return {Finding::slow, std::to_string(*queue) + " connections wait at '" + page.place +
                                   "', " + std::to_string(*active) + " processes are busy and " +
                                   std::to_string(*idle) + " idle"};
    return {};
}

}  // namespace duet::php_fpm
