// SPDX-License-Identifier: GPL-2.0-or-later
// The role is moved while a client holds what demote needs.
#include <future>

#include "scenario.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds limit{60'000};

struct Holder {
    const char* name;
    const char* before;      // on the active, before
    const char* statements;  // of a client that never comes to an end by itself
    const char* words;       // by which the list of processes knows that it holds it
};

void PrintTo(const Holder& holder, std::ostream* out) { *out << holder.name; }

constexpr Holder holders[] = {
    {"TablesLocked", "", "LOCK TABLES site.history WRITE; SELECT SLEEP(1200)", "SELECT SLEEP%"},
    {"AllTablesFlushedAndLocked", "", "FLUSH TABLES WITH READ LOCK; SELECT SLEEP(1200)",
     "SELECT SLEEP%"},
    {"ATableAltered",
     "CREATE OR REPLACE TABLE site.held ENGINE = InnoDB AS"
     " SELECT seq AS id, REPEAT('x', 100) AS text FROM site.seq_1_to_10000",
     "ALTER TABLE site.held ADD waits VARCHAR(128) AS (SHA2(REPEAT(text, 4000), 512)) STORED,"
     " ALGORITHM = COPY",
     "ALTER TABLE%"},
    {"ALongSelect", "", "SELECT COUNT(*), SLEEP(1200) FROM site.history", "SELECT COUNT%"},
};

class Lock : public Scenario, public testing::WithParamInterface<Holder> {
  protected:
    // Waits until the client is where it stays.
    static void wait_for_holder(const char* words) {
        const auto deadline = Deadline::after(limit);
        const auto query = cat("SELECT 1 FROM information_schema.processlist WHERE info LIKE '", words,
                               "'");
        while (sql(active(), query).empty()) deadline.pause(Milliseconds(20), words);
    }
};

TEST_P(Lock, ThatAClientHoldsDoesNotHoldUpAMove) {
    const auto& holder = GetParam();
    if (*holder.before) sql(active(), holder.before);
    start_load(busy());
    auto client = std::async(std::launch::async, [&] {
        return active().run({"mariadb", "-e", holder.statements}, Milliseconds(90'000));
    });
    wait_for_holder(holder.words);
    run_on(Milliseconds(300));
    const auto there = wall_now();
    move_away();
    run_on();
    const auto back = wall_now();
    const auto ended = client.get();
    EXPECT_FALSE(ended.succeeded() || ended.timed_out) << "demote ends it: " << ended.how();
    let_return();
    run_on();
    const auto history = stop_load();
    report("write gap", history.write_gap(there, back).seconds());
    EXPECT_LT(history.write_gap(there, back).seconds(), 6);
    EXPECT_EQ(2, promotions_since(there));
    expect_nothing_lost(history);
    if (!*holder.before) return;
    const auto table = sql(active(), "SHOW CREATE TABLE site.held");
    EXPECT_EQ(table, sql(standby(), "SHOW CREATE TABLE site.held"));
    EXPECT_EQ(std::string::npos, table.find("waits")) << "not half of it either";
}

INSTANTIATE_TEST_SUITE_P(Each, Lock, testing::ValuesIn(holders),
                         [](const auto& holder) { return holder.param.name; });

}  // namespace

}  // namespace duet::lab
