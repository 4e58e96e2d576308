// SPDX-License-Identifier: GPL-2.0-or-later
#include "log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>

#include "fd.hpp"

namespace duet::log {

namespace {

std::string tag;

const char* environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

bool debugging() { return *environment("HA_debug") && std::string(environment("HA_debug")) != "0"; }

const char* word(Level level) {
    switch (level) {
        case Level::debug: return "debug";
        case Level::info: return "info";
        case Level::warning: return "warning";
        case Level::error: return "error";
    }
    return "";
}

int priority(Level level) {
    switch (level) {
        case Level::debug: return LOG_DEBUG;
        case Level::info: return LOG_INFO;
        case Level::warning: return LOG_WARNING;
        case Level::error: return LOG_ERR;
    }
    return LOG_ERR;
}

// Pacemaker's own log file, in its own line format, so that an agent's sentence stands between the
// lines of the cluster that caused it. Only an existing regular file is written to.
void append_to_cluster_log(Level level, const std::string& line) {
    const std::string path = environment("HA_logfile");
    if (path.empty() || path.front() != '/') return;
    const Fd file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now).count() % 1000;
    const std::time_t stamp = seconds;
    std::tm local{};
    ::localtime_r(&stamp, &local);
    char when[32];
    std::strftime(when, sizeof when, "%b %d %H:%M:%S", &local);
    char fraction[8];
    std::snprintf(fraction, sizeof fraction, ".%03d", int(millis));
    const auto text = cat(when, fraction, ' ', tag, '[', ::getpid(), "] ", word(level), ": ", line,
                          '\n');
    // A log that cannot be written must not end an action.
    [[maybe_unused]] const auto written = ::write(file.get(), text.data(), text.size());
}

}  // namespace

void open(const std::string& name) {
    tag = name;
    ::openlog(tag.c_str(), LOG_PID, LOG_DAEMON);
}

void write(Level level, const std::string& line) {
    if (level == Level::debug && !debugging()) return;
    if (::isatty(STDERR_FILENO) || debugging()) {
        const auto text = cat(tag.empty() ? "duet" : tag, ": ", word(level), ": ", line, '\n');
        [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    }
    if (tag.empty()) return;
    ::syslog(priority(level), "%s: %s", word(level), line.c_str());
    append_to_cluster_log(level, line);
}

}  // namespace duet::log
