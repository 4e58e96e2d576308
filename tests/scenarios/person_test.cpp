// SPDX-License-Identifier: GPL-2.0-or-later
// What only a person can decide, and what a person says who means something else.
#include <algorithm>

#include "scenario.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds limit{60'000};
constexpr Milliseconds back_again{180'000};

class Person : public Scenario {
  protected:
    static LoadOptions busy() {
        LoadOptions options;
        options.writers = 8;
        return options;
    }
    static void wait_for_state(const std::string& node, const std::string& state) {
        pair().wait_until(cat(node, " to be ", state), limit, [&](const ClusterStatus& now) {
            return now.attribute(node, "db-state") == state;
        });
    }
    // The highest number in the epoch file, as duet(7) has people read it.
    static int highest_epoch(const Node& node) {
        int highest = 0;
        for (const auto& line : split(node.output_of({"cat", "/var/lib/mysql/duet.state"}), '\n')) {
            const auto words = split_words(line);
            if (words.empty() || (words[0] != "own" && words[0] != "seen")) continue;
            const auto number = words.back().substr(0, words.back().find('/'));
            highest = std::max(highest, int(parse_integer(number).value_or(0)));
        }
        return highest;
    }
    static void force(const Node& node, int epoch) {
        node.output_of({"crm_attribute", "--node", node.name(), "--name", "db-force", "--lifetime",
                        "reboot", "--update", cat(epoch)});
    }
    static bool shows_force(const ClusterStatus& now, const std::string& node) {
        return !now.attribute(node, "db-force").empty();
    }
};

// H8: nobody fences, so nobody can know that the standby is dead, but a person.
TEST_F(Person, WithoutFencingAPersonConfirmsThatTheStandbyIsDead) {
    afterwards([] {
        active().output_of({"crm", "configure", "property", "stonith-enabled=true"});
    });
    active().output_of({"crm", "configure", "property", "stonith-enabled=false"});
    LoadOptions few;
    few.writers = 2;
    start_load(few);
    pair().world().ask("bmc b boots no");
    standby().cut_power();
    const auto cut = wall_now();
    run_on(Milliseconds(8'000));
    force(active(), highest_epoch(active()) - 1);  // an old command in somebody's shell history
    run_on(Milliseconds(3'000));
    const auto confirmed = wall_now();
    force(active(), highest_epoch(active()));
    wait_for_state("a", "solo");
    run_on();
    standby().power_on();
    pair().wait_until("b to be granted", back_again, [](const ClusterStatus& now) {
        return now.attribute("b", "db-state") == "granted";
    });
    EXPECT_FALSE(shows_force(*pair().status(), "a")) << "its time is over";
    active().output_of({"crm", "configure", "property", "stonith-enabled=true"});
    wait_until_healthy(back_again);
    const auto history = stop_load();
    const auto gap = history.write_gap(cut, confirmed);
    report("commits waited for the person", gap.seconds());
    EXPECT_GT(gap.to, confirmed) << "not before";
    EXPECT_GT(gap.seconds(), 8);
    expect_nothing_lost(history);
}

// H1: the writes of the time alone are given up on b, and never thrown away on a.
TEST_F(Person, AnOutdatedStandbyIsForcedAndTheOtherKeepsWhatItHas) {
    afterwards([] { pair().world().down(); });  // the two never agree again
    start_load(busy());
    pair().world().ask("bmc b boots no");
    standby().cut_power();
    wait_for_state("a", "solo");
    run_on();
    pair().world().ask("bmc a boots no");
    active().cut_power();
    const auto alone = stop_load();
    standby().power_on();
    run_on(Milliseconds(6'000));
    standby().output_of({"corosync-cmapctl", "-s", "quorum.cancel_wait_for_all", "u8", "1"});
    wait_for_state("b", "outdated");
    run_on(Milliseconds(3'000));
    EXPECT_EQ("", pair().active());
    force(standby(), highest_epoch(standby()));
    wait_until_active("b", limit);
    pair().wait_until("b to be alone", limit, [](const ClusterStatus& now) {
        return now.attribute("b", "db-state") == "solo";
    });
    EXPECT_FALSE(shows_force(*pair().status(), "b"));
    const auto on_b = rows_on(standby());
    const auto given_up = alone.lost(on_b);
    EXPECT_FALSE(given_up.empty()) << "there was nothing to decide";

    active().power_on();
    wait_for_state("a", "diverged");
    run_on(Milliseconds(3'000));
    EXPECT_EQ("b", pair().active());
    EXPECT_TRUE(alone.lost(rows_on(active())).empty()) << "a has the only copy";
}

// R6: b could not be promoted when a was banned, for a was alone.
TEST_F(Person, ABannedServerThatWasAloneGivesTheRoleAway) {
    afterwards([] { active().run({"crm_resource", "--resource", "db-clone", "--clear"}); });
    start_load(busy());
    pair().world().ask("bmc b boots no");
    standby().cut_power();
    wait_for_state("a", "solo");
    run_on();
    active().output_of({"crm_resource", "--resource", "db-clone", "--ban", "--promoted", "--node", "a"});
    wait_for_state("a", "last");
    standby().power_on();
    wait_until_active("b", back_again);
    active().output_of({"crm_resource", "--resource", "db-clone", "--clear"});
    wait_until_healthy(back_again);
    expect_nothing_lost(stop_load());
}

}  // namespace

}  // namespace duet::lab
