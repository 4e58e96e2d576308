// SPDX-License-Identifier: GPL-2.0-or-later
// What the php-fpm agent decides. Values in, a value out: no clock, no kernel, no network.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace duet::php_fpm {

using Milliseconds = std::chrono::milliseconds;
using Words = std::vector<std::string>;

// By the words of /proc/PID/cmdline. A master shows "php-fpm: master process (CONFIG)", in one word.
bool is_master(const Words& command_line, const std::string& config);
// "php-fpm8.2 -F -y CONFIG" that has not become a master yet; a mere test is none.
bool is_starting(const Words& command_line, const std::string& config);
bool is_worker(const Words& command_line);

// Debian's name for it, with the version that the configuration's path has: "php-fpm8.2". Nothing
// where there is none in it.
std::optional<std::string> versioned_name(const std::string& binary, const std::string& config);

// The first complaint in what php-fpm wrote, without the time; else its last line.
std::string message(const std::string& output);

struct Page {
    std::string place;  // where it listens
    std::string path;
    bool reached = false;
    int status = 0;
    std::string body;
    std::string error;  // why it was not reached
    Milliseconds took{0};
};
struct Expected {
    std::string response;  // to the ping
    Milliseconds slow{0};  // 0: never
    int queue = 0;         // connections that may wait; 0: any number
};
struct Judgement {
    enum class Finding { good, slow, bad } finding = Finding::good;
    std::string sentence;  // where it is not good: what was asked, what came
};
Judgement judge_ping(const Page& page, const Expected& expected);
Judgement judge_status(const Page& page, const Expected& expected);

// From php-fpm's status page in its plain form; nothing when it has no such line.
std::optional<long> status_value(const std::string& body, const std::string& name);

}  // namespace duet::php_fpm
