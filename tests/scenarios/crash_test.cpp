// SPDX-License-Identifier: GPL-2.0-or-later
// The active crashes with transactions in flight: open ones, and ones that are in its binary log and
// that no standby has. The first are rolled back and the others cut off, on a server that then
// follows and is failed back to.
#include <csignal>

#include "scenario.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds limit{45'000};
constexpr Milliseconds back_again{120'000};
constexpr int rows = 20;

enum class How { killed, power_cut };

// One client with transactions of many rows, until it is stopped.
class Transactions {
  public:
    explicit Transactions(const Pair& pair)
        : client_pid_(pair.world().pid_of("client").value()), thread_([this] { work(); }) {}
    ~Transactions() { stop(); }

    void stop() {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
    }
    // Those whose COMMIT was acknowledged.
    const std::set<std::string>& committed() const { return committed_; }

  private:
    void work() {
        enter_network_of(client_pid_);
        SiteClient client({internal_vip, "", site_user, site_password}, Milliseconds(50));
        for (long id = 0; !stopping_; ++id) {
            if (transact(client, id)) committed_.insert(cat(id));
            std::this_thread::sleep_for(Milliseconds(5));
        }
    }
    static bool transact(SiteClient& client, long id) {
        const auto done = [&client](const std::string& statement) {
            return client.execute(statement, Milliseconds(500)) == Outcome::done;
        };
        if (!done("BEGIN")) return false;
        for (int row = 0; row < rows; ++row)
            if (!done(cat("INSERT INTO site.bundle VALUES (", id, ", ", row, ", CONNECTION_ID())")))
                return false;
        return done("COMMIT");
    }

    int client_pid_;
    std::atomic<bool> stopping_{false};
    std::set<std::string> committed_;
    std::thread thread_;
};

class Crash : public Scenario {
  protected:
    static int count_cut_off(WallTime since) {
        // MariaDB's own words for it.
        const auto log = active().output_of({"cat", "/var/log/mysql/error.log"});
        int count = 0;
        for (const auto& line : split(log, '\n')) {
            std::tm parts{};
            if (line.find("truncated binlog file") == std::string::npos ||
                !strptime(line.c_str(), "%Y-%m-%d %H:%M:%S", &parts))
                continue;
            parts.tm_isdst = -1;
            if (mktime(&parts) >= std::chrono::system_clock::to_time_t(since)) ++count;
        }
        return count;
    }

    static void expect_whole(const Transactions& transactions) {
        const std::string split_ones =
            cat("SELECT id FROM site.bundle GROUP BY id HAVING COUNT(*) <> ", rows);
        for (const auto* node : node_names) {
            EXPECT_EQ("", sql(pair().node(node), split_ones)) << "half a transaction on " << node;
            const auto present = split(sql(pair().node(node), "SELECT DISTINCT id FROM site.bundle"), '\n');
            auto missing = transactions.committed();
            for (const auto& id : present) missing.erase(id);
            EXPECT_EQ(0u, missing.size()) << "transactions acknowledged and not on " << node;
        }
        const std::string sums = "CHECKSUM TABLE site.bundle, site.history, site.counter";
        EXPECT_EQ(sql(pair().node("a"), sums), sql(pair().node("b"), sums));
    }

    void crash(How how) {
        sql(active(), cat("DROP TABLE IF EXISTS site.bundle; CREATE TABLE site.bundle (id INT, part "
                          "INT, connection BIGINT, PRIMARY KEY (id, part)) ENGINE = InnoDB"));
        start_load(busy());
        Transactions transactions(pair());
        run_on();
        // From here on commits reach the active's binary log and nobody else.
        pair().world().ask("cut database");
        run_on(Milliseconds(300));
        const auto since = wall_now();
        if (how == How::killed) {
            ASSERT_EQ(1, active().signal("mariadbd", SIGKILL));
        } else {
            active().cut_power();
        }
        wait_until_active("b", limit);
        pair().world().ask("heal");
        run_on();
        clean_up();
        wait_until_healthy(back_again);
        EXPECT_EQ(2, promotions_since(since)) << "there and back, once each";
        EXPECT_LE(1, count_cut_off(since)) << "there was nothing to cut off";
        transactions.stop();
        const auto history = stop_load();
        report("write gap", history.write_gap(since).seconds());
        expect_nothing_lost(history);
        expect_whole(transactions);
    }

    void crash_repeatedly(How how) {
        for (int turn = 1; turn <= 5 && !HasFailure(); ++turn) {
            SCOPED_TRACE(cat("turn ", turn));
            crash(how);
        }
    }
};

class RepeatedCrash : public Crash {};

TEST_F(Crash, OfTheServerWithTransactionsInFlight) { crash(How::killed); }

TEST_F(Crash, OfTheMachineWithTransactionsInFlight) { crash(How::power_cut); }

TEST_F(RepeatedCrash, OfTheServerWithTransactionsInFlight) { crash_repeatedly(How::killed); }

TEST_F(RepeatedCrash, OfTheMachineWithTransactionsInFlight) { crash_repeatedly(How::power_cut); }

}  // namespace

}  // namespace duet::lab
