// SPDX-License-Identifier: GPL-2.0-or-later
// Two servers that nobody can fence: both may be open after a cut, one of them acknowledges.
#include "scenario.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds limit{60'000};
constexpr Milliseconds back_again{180'000};

class Unfenced : public Scenario {
  protected:
    void SetUp() override {
        Scenario::SetUp();
        if (HasFatalFailure()) return;
        afterwards([] { set_fencing(true); });
        set_fencing(false);
    }
    static void set_fencing(bool on) {
        active().output_of(
            {"crm", "configure", "property", cat("stonith-enabled=", on ? "true" : "false")});
    }
    static bool is_open(const Node& node) {
        return node.output_of({"mariadb", "-Nse", "SELECT @@read_only"}) == "0";
    }
};

TEST_F(Unfenced, AnIsolatedActiveAcknowledgesNothingAndStepsDown) {
    start_load();
    const auto since = wall_now();
    pair().world().ask("cut ring");
    pair().world().ask("cut database");
    const auto patience = Deadline::after(limit);
    while (promotions_since(since) == 0) patience.pause(Milliseconds(50), "b to be promoted");
    run_on(Milliseconds(3'000));
    EXPECT_TRUE(is_open(active()) && is_open(standby())) << "so somebody must be kept from it";
    pair().world().ask("heal");
    pair().wait_until("a to have stepped down", limit, [](const ClusterStatus& now) {
        return now.attribute("a", "db-state") == "stopped";
    });
    // By its own monitor or because Pacemaker demotes it first: the one promoted later goes on.
    EXPECT_EQ("b", pair().active());
    standby().output_of({"crm_resource", "--cleanup", "--resource", "db-clone"});
    wait_until_healthy(back_again);
    run_on();
    const auto history = stop_load();
    report("both open", history.both_open_seconds());
    report("write gap", history.write_gap(since).seconds());
    expect_data_whole(history);
}

}  // namespace

}  // namespace duet::lab
