// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace duet::nginx {

namespace {

constexpr auto default_config = "/etc/nginx/nginx.conf";
constexpr std::string_view master_title = "nginx: master process ";
constexpr std::string_view worker_titles[] = {"nginx: worker process", "nginx: cache manager",
                                              "nginx: cache loader"};

Words split(const std::string& text) {
    std::istringstream in(text);
    Words words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

std::string config_of(const Words& arguments) {
    const auto option = std::find(arguments.begin(), arguments.end(), "-c");
    if (option == arguments.end() || option + 1 == arguments.end()) return default_config;
    return *(option + 1);
}

std::string last_line(const std::string& text) {
    std::istringstream in(text);
    std::string last;
    for (std::string line; std::getline(in, line);)
        if (!line.empty()) last = line;
    return last;
}

// "67#67: " after the time stamp: process and thread, and "*5 " a connection.
std::string without_numbers(const std::string& text) {
    const auto end = text.find(": ");
    const bool numbers = end != std::string::npos && text.find('#') < end &&
                         text.find_first_not_of("0123456789#") == end;
    return numbers ? text.substr(end + 2) : text;
}

std::string quoted_beginning(std::string text) {
    constexpr std::size_t most = 60;
    const bool cut = text.size() > most;
    text.resize(std::min(text.size(), most));
    for (auto& c : text)
        if (std::iscntrl(static_cast<unsigned char>(c))) c = ' ';
    while (text.ends_with(' ')) text.pop_back();
    return "'" + text + (cut ? "..." : "") + "'";
}

}  // namespace

bool is_master(const Words& command_line, const std::string& config) {
    if (command_line.empty() || !command_line[0].starts_with(master_title)) return false;
    return config_of(split(command_line[0].substr(master_title.size()))) == config;
}

bool is_starting(const Words& command_line, const std::string& config) {
    if (command_line.empty() || command_line[0].starts_with("nginx: ")) return false;
    // Options that may stand together, as in "-tq": a test, a signal, words about itself.
    for (const auto& word : command_line)
        if (word.size() > 1 && word[0] == '-' && std::string_view("tTqsvVh?").find(word[1]) != std::string_view::npos)
            return false;
    return config_of(command_line) == config;
}

bool is_worker(const Words& command_line) {
    return !command_line.empty() &&
           std::any_of(std::begin(worker_titles), std::end(worker_titles),
                       [&](auto title) { return command_line[0].starts_with(title); });
}

std::string message(const std::string& output) {
    constexpr std::string_view mark = "[emerg] ";
    const auto found = output.find(mark);
    if (found == std::string::npos) return last_line(output);
    const auto begin = found + mark.size();
    return without_numbers(output.substr(begin, output.find('\n', begin) - begin));
}

std::optional<Url> parse_url(const std::string& text) {
    Url url;
    const auto scheme = text.substr(0, text.find("://"));
    url.tls = scheme == "https";
    if (text.size() == scheme.size() || (!url.tls && scheme != "http")) return std::nullopt;
    const auto begin = scheme.size() + 3;
    const auto authority = text.substr(begin, text.find_first_of("/?#", begin) - begin);
    const auto bracket = authority.find(']');
    const auto colon = authority.find(':', bracket == std::string::npos ? 0 : bracket);
    url.host = authority.substr(0, colon);
    url.port = url.tls ? 443 : 80;
    if (url.host.empty() || authority.find('@') != std::string::npos) return std::nullopt;
    if (colon == std::string::npos) return url;
    const auto port = authority.substr(colon + 1);
    if (port.empty() || port.size() > 5 ||
        port.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    url.port = std::stoi(port);
    if (url.port < 1 || url.port > 65535) return std::nullopt;
    return url;
}

Finding judge(const Page& page, const Expected& expected) {
    if (!page.reached || page.status != expected.status || !page.matches) return Finding::bad;
    return expected.slow.count() && page.took > expected.slow ? Finding::slow : Finding::good;
}

std::string sentence(const Page& page, const Expected& expected) {
    if (!page.reached) return page.url + " does not answer: " + page.error;
    if (page.status != expected.status)
        return page.url + " answers with status " + std::to_string(page.status) + ", expected " +
               std::to_string(expected.status);
    if (!page.matches)
        return page.url + " answers " + quoted_beginning(page.beginning) + ", expected '" +
               expected.body + "'";
    return page.url + " took " + std::to_string(page.took.count()) + "ms, slow is more than " +
           std::to_string(expected.slow.count()) + "ms";
}

}  // namespace duet::nginx
