// SPDX-License-Identifier: GPL-2.0-or-later
// A server that cuts nothing off comes back with what no standby has. With DUET_TEST_MYSQLD alone.
#include <future>

#include "scenario.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds limit{60'000};

class TailOnMysql : public Scenario {
  public:
    void TestBody() override {
        // What is left is for a person to seed anew.
        afterwards([] { pair().world().down(); });
        sql(active(), "CREATE TABLE site.tail (id INT PRIMARY KEY)");
        const auto since = wall_now();
        pair().world().ask("cut database");
        auto answer = std::async(std::launch::async, [] {
            try {
                sql(active(), "INSERT INTO site.tail VALUES (7)");
                return true;
            } catch (const Failure&) {
                return false;
            }
        });
        // Before the active may go on alone.
        run_on(Milliseconds(700));
        active().cut_power();
        EXPECT_FALSE(answer.get()) << "nobody was told that it is safe";
        pair().world().ask("heal");
        wait_until_active("b", limit);
        sql(standby(), "INSERT INTO site.tail VALUES (8)");
        wait_for_state("a", "diverged", limit);
        wait_for_log("a", "diverged: b does not have ", since, limit);
        run_on(Milliseconds(5'000));
        const auto now = pair().status();
        ASSERT_TRUE(now);
        EXPECT_EQ("-INFINITY", now->attribute("a", "master-db"));
        const auto shown = now->attribute("a", "db-diverged");
        const auto file = shown.find("/var/lib/duet/mysql-db/diverged-");
        ASSERT_NE(std::string::npos, file) << shown;
        EXPECT_EQ("7", sql(active(), "SELECT id FROM site.tail")) << "it is kept, nothing is followed";
        EXPECT_EQ("8", sql(standby(), "SELECT id FROM site.tail")) << "it is not merged";
        const auto saved = active().output_of({"cat", shown.substr(file)});
        EXPECT_NE(std::string::npos, saved.find("###   @1=7\n")) << saved;
        sql(standby(), saved + '\n');
        EXPECT_EQ("7\n8", sql(standby(), "SELECT id FROM site.tail ORDER BY id")) << "by a person";
    }
};

const auto* registered =
    is_mysql() ? testing::RegisterTest("TailOnMysql", "OfACrashedActiveIsNamedAndSavedAndNothingIsFollowed",
                                       nullptr, nullptr, __FILE__, __LINE__,
                                       []() -> TailOnMysql* { return new TailOnMysql; })
               : nullptr;

}  // namespace

}  // namespace duet::lab
