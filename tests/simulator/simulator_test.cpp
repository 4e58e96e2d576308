// SPDX-License-Identifier: GPL-2.0-or-later
// The mysql agent's decisions (agents/mysql/policy.cpp, the real ones) run for two servers against
// a small model of the world, in random order and with random faults. No cluster, no server, no
// root.
//
//   tests/simulator/simulator_test                        50,000 schedules in each setup
//   DUET_SCHEDULES=1000000 tests/simulator/simulator_test    that many in each setup
//   DUET_SEED=4711 DUET_SETUP=fenced DUET_BROKEN=no_marker tests/simulator/simulator_test
//                                         one schedule, told as a list of events (the last two
//                                         may be left out)
//   DUET_SEARCH=100000 DUET_SETUP=unfenced DUET_BROKEN=no_marker tests/simulator/simulator_test
//                                         how often that variant violates something, and where
//                                         first
//
// A rule that random faults hardly ever need has a script of faults at the right moments instead
// (scripts.cpp). DUET_TELL=1 tells what the variants do.
//
// A schedule that violates something is shrunk to the faults it needs and told in the same way. The
// same seed gives the same schedule for as long as neither the model nor the policy changes.
//
// The one rule of the first draft without which nothing is lost, a permanent epoch in the CIB, is
// neither here nor in the agent: the file and the claim say it. Each other rule has a variant that loses.
//
// What the model leaves out: more than two servers, applier errors, clock effects, a hanging
// mysqld, wiped data directories, reseeding, durability=async, the copy of the CIB on a disk (the
// agent keeps nothing there that a decision rests on), and a server that never comes back.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "schedule.hpp"
#include "scripts.hpp"
#include "variants.hpp"

namespace duet::simulator {

namespace {

constexpr Setup fenced{true, true};
constexpr Setup unfenced{false, true};
constexpr Setup never_truncating{true, false};

long from_environment(const char* variable, long otherwise) {
    const char* value = std::getenv(variable);
    return value ? std::atol(value) : otherwise;
}

std::string as_text(const Outcome& outcome) {
    std::string text;
    for (const auto& line : outcome.trace) text += line + '\n';
    return text;
}

std::string tell(std::uint64_t seed, Setup setup, Broken broken, const Plan& plan) {
    return "seed " + std::to_string(seed) + ":\n" + as_text(run(seed, setup, broken, plan, true));
}

struct Tally {
    long schedules = 0, violating = 0, diverged = 0, exhausted = 0, steps = 0;
    std::uint64_t first_seed = 0;
    std::string shortest;  // the trace
};

// Stops at the tenth violation: more of the same say nothing new.
Tally run_many(std::uint64_t first, long count, Setup setup, Broken broken, int enough = 10) {
    Tally tally;
    for (std::uint64_t seed = first; seed < first + std::uint64_t(count); ++seed) {
        auto plan = plan_faults(seed);
        const auto outcome = run(seed, setup, broken, plan, false);
        ++tally.schedules;
        tally.steps += outcome.steps;
        tally.diverged += outcome.diverged;
        tally.exhausted += outcome.exhausted;
        if (outcome.violation.empty()) continue;
        if (tally.violating == 0) tally.first_seed = seed;
        plan = shrink(seed, setup, broken, plan);
        const auto text = tell(seed, setup, broken, plan);
        if (tally.shortest.empty() || text.size() < tally.shortest.size()) tally.shortest = text;
        if (++tally.violating == enough) break;
    }
    return tally;
}

void expect_nothing_lost(Setup setup, double diverged_share) {
    const long count = from_environment("DUET_SCHEDULES", 50'000);
    const auto tally =
        run_many(std::uint64_t(from_environment("DUET_FIRST_SEED", 1)), count, setup, Broken::none);
    std::cout << tally.schedules << " schedules of " << tally.steps / tally.schedules
              << " steps on average, " << tally.diverged << " with a server left diverged\n";
    EXPECT_EQ(tally.violating, 0) << tally.shortest;
    EXPECT_LE(double(tally.diverged), diverged_share * double(tally.schedules));
    // A model in which nothing happens would pass as well.
    EXPECT_LT(tally.exhausted * 100, tally.schedules);
}

TEST(Pair, LosesNothingWithFencing) {
    expect_nothing_lost(fenced, 0.01);
}
TEST(Pair, LosesNothingWithoutFencing) {
    expect_nothing_lost(unfenced, 0.01);
}
// Where recovery never cuts, a tail that nobody was told of leaves a server to be seeded.
TEST(Pair, LosesNothingWhereRecoveryNeverCuts) {
    expect_nothing_lost(never_truncating, 0.1);
}

TEST(Schedule, IsTheSameForTheSameSeed) {
    for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u})
        EXPECT_EQ(tell(seed, fenced, Broken::none, plan_faults(seed)),
                  tell(seed, fenced, Broken::none, plan_faults(seed)));
}

class Variant : public testing::TestWithParam<VariantCase> {};

TEST_P(Variant, IsCaught) {
    const auto& variant = GetParam();
    const auto setup = variant.fencing ? fenced : unfenced;
    const auto tally = run_many(variant.first_seed, variant.count, setup, variant.broken, 1);
    EXPECT_GE(tally.violating, 1) << variant.name << ": " << tally.schedules
                                  << " schedules found nothing";
    if (std::getenv("DUET_TELL")) std::cout << tally.shortest;
    // The same schedules with the rule in force.
    EXPECT_EQ(run_many(variant.first_seed, tally.schedules, setup, Broken::none).violating, 0);
}

INSTANTIATE_TEST_SUITE_P(RuleOff, Variant, testing::ValuesIn(caught_variants()),
                         [](const auto& test) {
                             return std::string(test.param.name) +
                                    (test.param.fencing ? "_fenced" : "_unfenced");
                         });

class Scripted : public testing::TestWithParam<ScriptedCase> {};

TEST_P(Scripted, IsCaught) {
    const auto& variant = GetParam();
    const auto setup = variant.fencing ? fenced : unfenced;
    long caught = 0;
    for (std::uint64_t seed = 1; seed <= std::uint64_t(variant.count); ++seed) {
        const auto sound = run(seed, setup, Broken::none, variant.script, true);
        ASSERT_EQ(sound.violation, "") << "seed " << seed << ":\n" << as_text(sound);
        const auto broken = run(seed, setup, variant.broken, variant.script, true);
        if (broken.violation.empty()) continue;
        if (++caught == 1 && std::getenv("DUET_TELL"))
            std::cout << "seed " << seed << ":\n" << as_text(broken);
    }
    std::cout << caught << " of " << variant.count << " schedules violate something\n";
    EXPECT_GE(caught, 1);
}

INSTANTIATE_TEST_SUITE_P(RuleOff, Scripted, testing::ValuesIn(scripted_variants()),
                         [](const auto& test) {
                             return std::string(test.param.name) +
                                    (test.param.fencing ? "_fenced" : "_unfenced");
                         });

// Without these two nothing is lost, but servers that were healthy are left to be seeded.
class Wasteful : public testing::TestWithParam<VariantCase> {};

TEST_P(Wasteful, LeavesMoreServersDiverged) {
    const auto& variant = GetParam();
    const auto setup = variant.fencing ? fenced : unfenced;
    const auto with = run_many(variant.first_seed, variant.count, setup, Broken::none);
    const auto without = run_many(variant.first_seed, variant.count, setup, variant.broken);
    EXPECT_GE(double(without.diverged), 1.5 * double(with.diverged) + 3);
}

INSTANTIATE_TEST_SUITE_P(RuleOff, Wasteful, testing::ValuesIn(wasteful_variants()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Variants, AreAllCaughtByATest) {
    std::set<std::string> tested;
    for (const auto& variant : caught_variants()) tested.insert(variant.name);
    for (const auto& variant : wasteful_variants()) tested.insert(variant.name);
    for (const auto& variant : scripted_variants()) tested.insert(variant.name);
    for (const auto& name : variant_names()) EXPECT_TRUE(tested.contains(name)) << name;
}

Setup named_setup() {
    const char* setup = std::getenv("DUET_SETUP");
    const std::string word = setup ? setup : "fenced";
    return word == "fenced" ? fenced : word == "unfenced" ? unfenced : never_truncating;
}

Broken named_variant() {
    const char* broken = std::getenv("DUET_BROKEN");
    return broken ? variant_of(broken) : Broken::none;
}

int tell_one(std::uint64_t seed) {
    std::cout << tell(seed, named_setup(), named_variant(), plan_faults(seed));
    return 0;
}

int search(long count) {
    const auto tally = run_many(std::uint64_t(from_environment("DUET_FIRST_SEED", 1)), count,
                                named_setup(), named_variant(), int(count));
    std::cout << tally.shortest << tally.violating << " violations in " << tally.schedules
              << " schedules, the first with seed " << tally.first_seed << ", " << tally.diverged
              << " with a server left diverged\n";
    return 0;
}

}  // namespace

}  // namespace duet::simulator

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (const char* seed = std::getenv("DUET_SEED"))
        return duet::simulator::tell_one(std::strtoull(seed, nullptr, 10));
    if (const char* count = std::getenv("DUET_SEARCH"))
        return duet::simulator::search(std::atol(count));
    return RUN_ALL_TESTS();
}
