// SPDX-License-Identifier: GPL-2.0-or-later
// Two servers: a is promoted, b is not, and neither follows the other yet.
#pragma once

#include "mysql_fixture.hpp"
#include "text.hpp"

namespace duet::test {

inline const Peer server_a{"a", "10.0.0.1", port_of_a}, server_b{"b", "10.0.0.2", port_of_b};

class MysqlPair : public MysqlTest {
  protected:
    void SetUp() override {
        MysqlTest::SetUp();
        a_ = make_agent("a");
        b_ = make_agent("b");
        start(a_);
        expect(0, a_("promote"));
        start(b_);
        ASSERT_EQ(0u, site_error("CREATE DATABASE site"));
        ASSERT_EQ(0u, site_error("CREATE TABLE site.t (id INT PRIMARY KEY) ENGINE = InnoDB"));
    }

    // b follows a and acknowledges.
    void pair_up() {
        database(b_).start_receiver(server_a);
        database(a_).set_waiting(true);
        ASSERT_TRUE(wait([&] { return database(a_).look().semi_sync_replicas == 1; }));
    }

    static unsigned insert(int id) {
        return site_error(cat("INSERT INTO site.t VALUES (", id, ')'));
    }

    // "none" while the table has not come yet.
    std::string rows(const AgentCall& agent) {
        auto administrator = root(agent.parameters);
        if (administrator.rows("SELECT 1 FROM information_schema.tables WHERE table_schema = 'site'")
                .empty())
            return "none";
        return administrator.value("SELECT COUNT(*) FROM site.t").value_or("none");
    }

    // a's write 1 is acknowledged by b, which has received it and not applied it; a is dead.
    void leave_unapplied() {
        pair_up();
        ASSERT_EQ(0u, insert(0));
        ASSERT_TRUE(wait([&] { return rows(b_) == "1"; }));
        root(b_.parameters).execute("STOP REPLICA SQL_THREAD");
        ASSERT_EQ(0u, insert(1));
        ASSERT_EQ("1", rows(b_));
        kill_hard(a_);
    }

    AgentCall a_, b_;
};

}  // namespace duet::test
