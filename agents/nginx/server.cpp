// SPDX-License-Identifier: GPL-2.0-or-later
#include "server.hpp"

#include <algorithm>
#include <csignal>

#include "expression.hpp"
#include "http.hpp"
#include "policy.hpp"

namespace duet::nginx {

namespace {

Health health_of(Finding finding) {
    switch (finding) {
        case Finding::good: return Health::good;
        case Finding::slow: return Health::slow;
        case Finding::bad: break;
    }
    return Health::bad;
}

Verdict ask(const Config& config, const Deadline& deadline) {
    std::vector<HttpRequest> requests;
    for (const auto& url : config.url)
        requests.push_back({url, config.target, config.ca, config.verify});
    const auto total = std::min(config.patience, deadline.remaining());
    const auto answers = fetch(requests, {std::min(config.connect_patience, total), total});
    const Expression expression(config.body);
    const Expected expected{config.status, config.body, config.slow};
    std::vector<Verdict> verdicts;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto& answer = answers[i];
        const Page page{config.url[i], answer.reached,
                        answer.status, config.body.empty() || expression.matches(answer.body),
                        answer.body,   answer.error,
                        answer.took};
        const auto health = health_of(judge(page, expected));
        verdicts.push_back({health, health == Health::good ? "" : sentence(page, expected)});
    }
    return worst(verdicts);
}

// Where its workers listen as far as the parameters tell.
std::vector<std::string> places(const Config& config) {
    std::vector<std::string> ports;
    for (const auto& text : config.url)
        if (const auto url = parse_url(text)) ports.push_back(std::to_string(url->port));
    return ports;
}

}  // namespace

Service service(const Config& config) {
    Service service;
    service.name = "nginx";
    service.marks = {config.binary, config.config, is_master, is_starting, is_worker,
                     places(config)};
    service.start_arguments = {"-c", config.config};
    service.test_arguments = {"-t", "-c", config.config};
    service.reload_signal = SIGHUP;
    service.message = message;
    service.ask = [&config](const Deadline& deadline) { return ask(config, deadline); };
    service.drain = config.drain;
    return service;
}

}  // namespace duet::nginx
