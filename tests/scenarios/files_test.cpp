// SPDX-License-Identifier: GPL-2.0-or-later
// The site's files follow, and follow the other way round after a failover.
#include <sys/stat.h>

#include "scenario.hpp"

namespace duet::lab {

namespace {

// Two intervals of 20 s, and what the transfer itself takes.
constexpr Milliseconds two_intervals{42'000};

class Files : public Scenario {
  protected:
    // One line for each file below the folder: type, mode, owner, time in ns, target, content.
    // A file that goes while it is read is a line, too, so that the folder is read again.
    static std::string listing(const Node& node, const std::string& folder) {
        return node.output_of(
            {"sh", "-c",
             cat("cd ", folder, " && find . -name '.duet*' -prune -o -printf "
                 "'%P %y %m %u %g %T@ %l\\n' | sort && find . -type f | sort | { xargs -r sha256sum 2>&1 || true; }")});
    }
    static void expect_same(const std::string& folder) {
        const auto deadline = Deadline::after(two_intervals);
        while (listing(pair().node("a"), folder) != listing(pair().node("b"), folder)) {
            if (deadline.expired()) break;
            std::this_thread::sleep_for(Milliseconds(200));
        }
        EXPECT_EQ(listing(pair().node("a"), folder), listing(pair().node("b"), folder));
    }
    static void sh(const Node& node, const std::string& script) {
        node.output_of({"sh", "-c", script});
    }
};

// Scenario 6.
TEST_F(Files, ChangesInEachTreeReachTheStandbyAndLaterComeBack) {
    const std::vector<std::string> trees{"/var/www/html", "/etc/nginx", "/etc/php/8.2/fpm"};
    for (const auto& tree : trees)
        sh(active(), cat("cd ", tree, " && mkdir -p x/y && echo one >x/one && echo two >x/y/two && "
                         "ln -s one x/link && chmod 640 x/one && chown www-data x/y/two"));
    for (const auto& tree : trees) expect_same(tree);
    for (const auto& tree : trees)
        sh(active(), cat("cd ", tree, " && rm x/y/two && echo more >>x/one && ln -sfn y x/link"));
    for (const auto& tree : trees) expect_same(tree);

    move_away();
    for (const auto& tree : trees)
        sh(standby(), cat("cd ", tree, " && echo from-b >x/three && rm x/link"));
    for (const auto& tree : trees) expect_same(tree);
    active().output_of({"crm_resource", "-r", "db-clone", "--clear"});
    wait_until_healthy(Milliseconds(120'000));
    for (const auto& tree : trees) sh(active(), cat("rm -r ", tree, "/x"));
    for (const auto& tree : trees) expect_same(tree);
}

}  // namespace

}  // namespace duet::lab
