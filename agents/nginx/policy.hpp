// SPDX-License-Identifier: GPL-2.0-or-later
// What the nginx agent decides. Values in, a value out: no clock, no kernel, no network.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace duet::nginx {

using Milliseconds = std::chrono::milliseconds;
using Words = std::vector<std::string>;

// By the words of /proc/PID/cmdline. A master shows "nginx: master process" and the command line
// it was started with, all in one word; without -c its configuration is the distribution's.
bool is_master(const Words& command_line, const std::string& config);
// "nginx -c CONFIG" that has not become a master yet; a mere test of the configuration is none.
bool is_starting(const Words& command_line, const std::string& config);
bool is_worker(const Words& command_line);

// The first complaint in what nginx wrote, without time and pid; else its last line.
std::string message(const std::string& output);

struct Url {
    bool tls = false;
    std::string host;
    int port = 0;
};
// Nothing where it is none, or neither http nor https.
std::optional<Url> parse_url(const std::string& text);

struct Page {
    std::string url;
    bool reached = false;
    int status = 0;
    bool matches = true;  // the body, against the expression
    std::string beginning;  // of the body
    std::string error;      // why it was not reached
    Milliseconds took{0};
};
struct Expected {
    int status = 200;
    std::string body;      // the expression, for the sentence
    Milliseconds slow{0};  // 0: never
};
enum class Finding { good, slow, bad };
Finding judge(const Page& page, const Expected& expected);
// The sentence for a page that is not good: what was asked, what came, what was expected.
std::string sentence(const Page& page, const Expected& expected);

}  // namespace duet::nginx
