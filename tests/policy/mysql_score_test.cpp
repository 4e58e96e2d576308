// SPDX-License-Identifier: GPL-2.0-or-later
// What each server is worth, and what is shown of it: the mysql agent's tables.
#include <gtest/gtest.h>

#include "mysql_standing.hpp"

namespace duet::mysql {

namespace {

using namespace std::chrono_literals;

struct ScoreCase {
    const char* name;
    ScoreView view;
    int score;
    const char* state;
};
void PrintTo(const ScoreCase& row, std::ostream* out) { *out << row.name; }

ScoreView worth(Standing standing, std::optional<Milliseconds> delay = 0ms) {
    ScoreView view;
    view.standing = std::move(standing);
    view.replicating = true;
    view.delay = delay;
    return view;
}

ScoreView late(std::optional<Milliseconds> delay) {
    auto view = worth(good_standby(), delay);
    view.was_late = true;
    return view;
}

class ScoreTable : public testing::TestWithParam<ScoreCase> {};

TEST_P(ScoreTable, IsAsTheDesignSays) {
    EXPECT_EQ(GetParam().score, promotion_score(GetParam().view));
    if (GetParam().state) {
        EXPECT_EQ(GetParam().state, standby_state(GetParam().view, false, false));
    }
}

// Two servers with data that were never promoted under Duet; the other one is `state`.
Standing stranger(const char* state) {
    return but(empty_server(), [state](auto& s) {
        s.has_data = true;
        s.claim = Claim{0, true};
        s.peer_member = true;
        s.peer_state = state;
    });
}

const auto no_grant = but(good_standby(), [](auto& s) { s.grant.reset(); });

INSTANTIATE_TEST_SUITE_P(
    Each, ScoreTable,
    testing::Values(
        ScoreCase{"Promoted", but(worth({}), [](auto& v) { v.promoted = true; }), 1000, nullptr},
        ScoreCase{"Granted", worth(good_standby()), 900, "granted"},
        ScoreCase{"FailbackDue", but(worth(good_standby()), [](auto& v) {
                      v.failback_due = true;
                  }), 1100, "granted"},
        ScoreCase{"Last", worth(last_server()), 950, "last"},
        ScoreCase{"LastWithoutAReceiver", but(worth(last_server()), [](auto& v) {
                      v.replicating = false;
                  }), 950, "last"},
        ScoreCase{"LastWithoutAServer", worth(but(last_server(), [](auto& s) { s.life = ""; })),
                  ineligible, nullptr},
        ScoreCase{"FirstOfTwo", worth(but(empty_server(), [](auto& s) { s.preferred = true; })),
                  950, "last"},
        ScoreCase{"SecondOfTwo", worth(empty_server()), ineligible, "waiting"},
        ScoreCase{"Unrelated", worth(stranger("waiting")), ineligible, "unrelated"},
        ScoreCase{"UnrelatedToo", worth(stranger("unrelated")), ineligible, "unrelated"},
        ScoreCase{"PerhapsEmpty", worth(stranger("starting")), ineligible, "waiting"},
        ScoreCase{"NotGranted", worth(no_grant), ineligible, "outdated"},
        ScoreCase{"Broken", but(worth(good_standby()), [](auto& v) { v.replicating = false; }),
                  ineligible, "broken"},
        ScoreCase{"StillInTime", worth(good_standby(), 14'900ms), 900, "granted"},
        ScoreCase{"JustLate", worth(good_standby(), 15'100ms), 800, "behind"},
        ScoreCase{"StillLate", late(5'100ms), 800, "behind"},
        ScoreCase{"InTimeAgain", late(4'900ms), 900, "granted"},
        ScoreCase{"Late30", late(30s), 700, "behind"},
        ScoreCase{"Late60", late(60s), 600, "behind"},
        ScoreCase{"Late120", late(120s), 500, "behind"},
        ScoreCase{"DelayUnknown", worth(good_standby(), std::nullopt), 500, "behind"},
        ScoreCase{"LateIsNotForFailback", but(late(30s), [](auto& v) { v.failback_due = true; }),
                  700, "behind"},
        ScoreCase{"AsyncFollows", but(worth(no_grant), [](auto& v) {
                      v.durability = Durability::async;
                  }), 900, "following"}),
    [](const auto& row) { return row.param.name; });

TEST(State, DivergedAndRecoveringComeFirst) {
    EXPECT_EQ("diverged", standby_state(worth(good_standby()), true, false));
    EXPECT_EQ("recovering", standby_state(worth(good_standby()), true, true));
}

}  // namespace

}  // namespace duet::mysql
