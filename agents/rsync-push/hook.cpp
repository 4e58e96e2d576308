// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook.hpp"

#include <csignal>

#include "daemon.hpp"
#include "failure.hpp"
#include "process.hpp"
#include "text.hpp"

namespace duet::rsync_push {

namespace {

constexpr Milliseconds patience{30'000};

struct Server {
    const char* title;   // of its master process, before the configuration's name
    const char* option;  // that names a configuration
    int reload;
};
constexpr Server nginx{"nginx: master process ", "-c", SIGHUP};
constexpr Server php_fpm{"php-fpm: master process ", "-y", SIGUSR2};

std::optional<std::string> refusal(const std::vector<std::string>& argv) try {
    const auto ended = run(argv, Deadline::after(patience));
    if (ended.succeeded()) return std::nullopt;
    return cat(argv.front(), ' ', ended.how(), ": ", ended.last_words());
} catch (const Failure& failure) {
    return failure.what();
}

// A master writes its title over its command line: "nginx: master process nginx -c FILE",
// "php-fpm: master process (FILE)". Empty: the server's default.
std::string configuration_in(const std::string& title, const Server& server) {
    if (title.ends_with(')')) {
        const auto bracket = title.rfind('(');
        return bracket == std::string::npos ? ""
                                            : title.substr(bracket + 1, title.size() - bracket - 2);
    }
    const auto words = split_words(title);
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
        if (words[i] == server.option) return words[i + 1];
    return "";
}

// Tests what each running master would read, and only then tells it to. One that does not run will
// read the new files when it starts.
std::optional<std::string> test_and_reload(const Server& server) {
    for (const auto& process : processes()) {
        const auto line = process.command_line();
        if (line.empty() || !line.front().starts_with(server.title)) continue;
        std::vector<std::string> test{process.executable(), "-t"};
        const auto configuration = configuration_in(line.front(), server);
        if (!configuration.empty()) test.insert(test.end(), {server.option, configuration});
        if (auto words = refusal(test)) return words;
        process.signal(server.reload);
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> run_hook(const Tree& tree) {
    if (tree.hook == "nginx") return test_and_reload(nginx);
    if (tree.hook == "php-fpm") return test_and_reload(php_fpm);
    // cron looks at its files by itself, every minute.
    if (tree.hook.empty() || tree.hook == "cron") return std::nullopt;
    return refusal({tree.hook, tree.path});
}

}  // namespace duet::rsync_push
