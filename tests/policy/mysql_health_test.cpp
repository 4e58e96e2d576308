// SPDX-License-Identifier: GPL-2.0-or-later
// When a database server that runs is not well, and what is done about it.
#include <gtest/gtest.h>

#include "health_policy.hpp"

namespace duet::mysql {

namespace {

using namespace std::chrono_literals;

HealthView active() {
    HealthView view;
    view.promoted = view.standby_ready = true;
    view.patience = 2500ms;
    return view;
}

HealthView standby() {
    HealthView view;
    view.patience = 2500ms;
    return view;
}

template <typename Change>
HealthView but(HealthView view, Change change) {
    change(view);
    return view;
}

HealthView bad(HealthView view, Sign sign, Milliseconds since_good, int probes) {
    view.sign = sign;
    view.error = "no answer";
    view.since_good = since_good;
    view.bad_probes = probes;
    return view;
}

HealthView full(HealthView view, Milliseconds full_for) {
    view.full = FullPlace{"/var/lib/mysql", 0, 1000000};
    view.full_for = full_for;
    return view;
}

struct HealthCase {
    const char* name;
    HealthView view;
    Health expected;
};
void PrintTo(const HealthCase& row, std::ostream* out) { *out << row.name; }

class HealthTable : public testing::TestWithParam<HealthCase> {};

TEST_P(HealthTable, IsJudged) { EXPECT_EQ(GetParam().expected, health_of(GetParam().view)); }

INSTANTIATE_TEST_SUITE_P(
    Each, HealthTable,
    testing::Values(
        HealthCase{"AnswersOnActive", active(), Health::well},
        HealthCase{"AnswersOnStandby", standby(), Health::well},
        HealthCase{"ALockHolder", but(active(), [](auto& v) { v.sign = Sign::held; }), Health::well},
        HealthCase{"ALockHolderForAnHour", but(active(), [](auto& v) {
            v.sign = Sign::held, v.since_good = 3'600'000ms; }), Health::well},
        HealthCase{"ACrowd", but(active(), [](auto& v) { v.sign = Sign::crowded; }), Health::well},
        HealthCase{"ACrowdForAnHour", but(active(), [](auto& v) {
            v.sign = Sign::crowded, v.since_good = 3'600'000ms; }), Health::well},
        HealthCase{"OneSlowProbe", bad(active(), Sign::silent, 1900ms, 1), Health::ask_again},
        HealthCase{"OneSlowProbeAfterALongPause", bad(active(), Sign::silent, 60000ms, 1),
                   Health::ask_again},
        HealthCase{"TwoSlowProbesInAShortTime", bad(active(), Sign::silent, 2499ms, 2),
                   Health::ask_again},
        HealthCase{"SilentForAsLongAsItMay", bad(active(), Sign::silent, 2500ms, 2), Health::failed},
        HealthCase{"SilentStandby", bad(standby(), Sign::silent, 2500ms, 2), Health::failed},
        HealthCase{"SilentAlone", bad(but(active(), [](auto& v) { v.standby_ready = false; }),
                                      Sign::silent, 2500ms, 2), Health::failed},
        HealthCase{"CannotWriteOnce", bad(active(), Sign::failed, 1000ms, 1), Health::ask_again},
        HealthCase{"CannotWrite", bad(active(), Sign::failed, 2500ms, 2), Health::failed},
        HealthCase{"FullForAMoment", full(active(), 0ms), Health::well},
        HealthCase{"FullActive", full(active(), 1000ms), Health::failed},
        HealthCase{"FullActiveAlone", full(but(active(), [](auto& v) { v.standby_ready = false; }),
                                           1000ms), Health::degraded},
        HealthCase{"FullStandby", full(standby(), 1000ms), Health::failed},
        HealthCase{"FullActiveWithALockHolder",
                   full(but(active(), [](auto& v) { v.sign = Sign::held; }), 1000ms),
                   Health::failed},
        HealthCase{"FullAndSilentForAMoment", full(bad(active(), Sign::silent, 1000ms, 1), 5000ms),
                   Health::ask_again},
        HealthCase{"FullAndSilentAlone", full(bad(but(active(), [](auto& v) {
            v.standby_ready = false; }), Sign::silent, 2500ms, 2), 5000ms), Health::failed}),
    [](const auto& row) { return row.param.name; });

TEST(Health, ErrorsAreSigns) {
    const struct {
        unsigned code;
        Sign sign;
    } rows[] = {{0, Sign::answered}, {1040, Sign::crowded}, {1203, Sign::crowded},
                {1205, Sign::held},  {1053, Sign::silent},  {2002, Sign::silent},
                {2013, Sign::silent}, {1999, Sign::failed}, {3000, Sign::failed},
                {1114, Sign::failed}, {1045, Sign::failed}};
    for (const auto& row : rows) EXPECT_EQ(row.sign, sign_of(row.code)) << row.code;
}

TEST(Health, AFullFileSystemHasNoRoomForABlock) {
    EXPECT_TRUE(is_full(0, 1000000));
    EXPECT_TRUE(is_full(65535, 1000000));
    EXPECT_FALSE(is_full(65536, 1000000));
    EXPECT_FALSE(is_full(0, 0)) << "a file system that tells nothing";
}

TEST(Health, AFullDiskIsToldApartFromADeadServer) {
    EXPECT_EQ("", why_not_well(active()));
    EXPECT_EQ("", why_not_well(full(active(), 0ms)));
    EXPECT_EQ("the file system of '/var/lib/mysql' is full (0 bytes of 1000000 free)",
              why_not_well(full(active(), 1000ms)));
    EXPECT_EQ("mysqld runs, but has not answered for 2.5 s: no answer",
              why_not_well(bad(active(), Sign::silent, 2500ms, 2)));
    EXPECT_EQ("mysqld runs, but has failed for 2.5 s: no answer",
              why_not_well(bad(active(), Sign::failed, 2500ms, 2)));
    EXPECT_EQ("the file system of '/var/lib/mysql' is full (0 bytes of 1000000 free), and mysqld "
              "has not answered for 3.1 s: no answer",
              why_not_well(full(bad(active(), Sign::silent, 3100ms, 2), 0ms)));
}

}  // namespace

}  // namespace duet::mysql
