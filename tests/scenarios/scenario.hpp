// SPDX-License-Identifier: GPL-2.0-or-later
// What the scenarios share: one lab for all of them, healthy and with the service on the preferred
// server when each begins; logs kept when one fails.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "failure.hpp"
#include "load.hpp"
#include "pair.hpp"
#include "text.hpp"
#include "timeline.hpp"

namespace duet::lab {

class Scenario : public testing::Test {
  protected:
    void SetUp() override;
    void TearDown() override;

    static Pair& pair();
    static const Node& active() { return pair().node(preferred); }
    static const Node& standby() { return pair().node(other(preferred)); }

    // Done when the test ends, however it ends: what it broke must not break the next one.
    void afterwards(std::function<void()> undo) { undo_.push_back(std::move(undo)); }

    void start_load(const LoadOptions& options = {});
    // Lets the writers go on for a while after whatever happened.
    void run_on(Milliseconds span = Milliseconds(1'000)) const;
    // Ends the load; the pair must then be at rest for the comparison of both servers.
    History stop_load();

    // The active takes the place of the preferred one; waits until the service is there.
    static void wait_until_active(const std::string& node, Milliseconds limit);
    static void wait_until_healthy(Milliseconds limit);
    // A planned move of the role away from the preferred server, and its way back. Each waits a minute.
    static void move_away();
    static void let_return();
    // Of either server. A dead node's resources are shown as they were until it has been fenced.
    static void wait_for_promotion(WallTime since, Milliseconds limit);
    // The database's state attribute, as crm_mon shows it.
    static void wait_for_state(const std::string& node, const std::string& state, Milliseconds limit);
    // A line of the node's pacemaker.log, which has the agents' words too, with all of `words`.
    static void wait_for_log(const std::string& node, const std::string& words, WallTime since,
                             Milliseconds limit);
    static int promotions_since(WallTime since);

    // Eight writers.
    static LoadOptions busy();
    // What is broken is undone as an administrator does it, and the load ended.
    History heal_and_stop(Milliseconds limit);
    // Failures are forgotten as an administrator does it, so that a test need not wait for minutes.
    static void clean_up();
    // As root over the unix socket, on this server itself; throws Failure with what it refused.
    static std::string sql(const Node& node, const std::string& statements);

    // No acknowledged write lost, nothing invented, the same on both.
    static void expect_data_whole(const History& history);
    // And never two open at once.
    static void expect_nothing_lost(const History& history);
    // Such a line with a figure, which is also a property of the test's report.
    static void report(const std::string& what, double seconds);

    // Waits until a page is served through the external address, by this server.
    static void wait_for_page_from(const std::string& node, Milliseconds limit);

  private:
    std::unique_ptr<Load> load_;
    std::vector<std::function<void()>> undo_;
};

WallTime wall_now();
// A line for the person who reads the output.
void say(const std::string& line);

}  // namespace duet::lab
