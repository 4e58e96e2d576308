// SPDX-License-Identifier: GPL-2.0-or-later
#include "seed_policy.hpp"

#include <gtest/gtest.h>

namespace duet::mysql {

namespace {

using namespace std::chrono_literals;

// Diverged beside a serving active, reseed=auto.
SeedView lost() {
    SeedView view;
    view.automatic = view.superseded = view.lost = view.peer_serves = true;
    return view;
}

TEST(Seed, IsBegunWhenItIsDueAndSafe) {
    struct Row {
        const char* what;
        SeedStep step;
        void (*change)(SeedView&);
    };
    for (const Row& row : {
             Row{"diverged or too old", SeedStep::begin, [](SeedView&) {}},
             Row{"by hand alone", SeedStep::none, [](SeedView& v) { v.automatic = false; }},
             Row{"asked for", SeedStep::begin,
                 [](SeedView& v) {
                     v.automatic = false;
                     v.asked = true;
                 }},
             Row{"asked for although it follows well", SeedStep::begin,
                 [](SeedView& v) {
                     v.lost = false;
                     v.asked = true;
                 }},
             Row{"it can follow", SeedStep::none, [](SeedView& v) { v.lost = false; }},
             Row{"nobody serves", SeedStep::none, [](SeedView& v) { v.peer_serves = false; }},
             Row{"nobody serves, asked for", SeedStep::none,
                 [](SeedView& v) {
                     v.peer_serves = false;
                     v.asked = true;
                 }},
             Row{"under way", SeedStep::none, [](SeedView& v) { v.running = true; }},
             Row{"under way, asked for", SeedStep::none,
                 [](SeedView& v) {
                     v.running = true;
                     v.asked = true;
                 }},
             Row{"the only copy", SeedStep::none, [](SeedView& v) { v.superseded = false; }},
             Row{"the only copy, asked for", SeedStep::refuse,
                 [](SeedView& v) {
                     v.superseded = false;
                     v.asked = true;
                 }},
             Row{"a promotion was forced", SeedStep::none, [](SeedView& v) { v.contested = true; }},
             Row{"a promotion was forced, asked for", SeedStep::begin,
                 [](SeedView& v) { v.contested = v.asked = true; }},
             Row{"just failed", SeedStep::none,
                 [](SeedView& v) {
                     v.failures = 1;
                     v.since_failure = 59s;
                 }},
             Row{"failed a minute ago", SeedStep::begin,
                 [](SeedView& v) {
                     v.failures = 1;
                     v.since_failure = 60s;
                 }},
             Row{"failed again", SeedStep::none,
                 [](SeedView& v) {
                     v.failures = 2;
                     v.since_failure = 60s;
                 }},
             Row{"just failed, asked for", SeedStep::begin,
                 [](SeedView& v) {
                     v.failures = 5;
                     v.since_failure = 1s;
                     v.asked = true;
                 }},
         }) {
        auto view = lost();
        row.change(view);
        EXPECT_EQ(row.step, toward_seed(view)) << row.what;
    }
}

TEST(Seed, PausesGrowToAnHour) {
    EXPECT_EQ(60s, pause_before_retry(1));
    EXPECT_EQ(120s, pause_before_retry(2));
    EXPECT_EQ(240s, pause_before_retry(3));
    EXPECT_EQ(1h, pause_before_retry(7));
    EXPECT_EQ(1h, pause_before_retry(1000));
}

TEST(Seed, ARefusalHasAReason) {
    auto view = lost();
    view.superseded = false;
    EXPECT_NE("", why_not_seeded(view));
}

TEST(Seed, ARequestReadsBack) {
    const SeedRequest request{"0123abc", 4444};
    EXPECT_EQ("want:0123abc:4444", to_text(request));
    EXPECT_EQ(request, parse_seed_request(to_text(request)));
    for (const char* bad : {"", "want:", "want::1", "want:x", "want:x:", "want:x:0", "want:x:65536",
                            "want:x:1a", "failed: the disk of a:1"})
        EXPECT_FALSE(parse_seed_request(bad)) << bad;
}

}  // namespace

}  // namespace duet::mysql
