// SPDX-License-Identifier: GPL-2.0-or-later
#include "scenario.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

namespace duet::lab {

namespace {

// No lab of an earlier run, which may hold other agents, and none left when the tests are over.
class LabOfTheTests : public testing::Environment {
  public:
    void SetUp() override { World(Place::from_environment()).down(); }
    void TearDown() override { World(Place::from_environment()).down(); }
};

}  // namespace

void say(const std::string& line) { std::cout << "    " << line << std::endl; }

WallTime wall_now() { return std::chrono::system_clock::now(); }

Pair& Scenario::pair() {
    static Pair pair(World(Place::from_environment()));
    return pair;
}

void Scenario::SetUp() {
    try {
        if (pair().world().is_up()) {
            pair().heal(say);
        } else {
            pair().create(shipped_pair(), say);
        }
    } catch (const std::exception& error) {
        say(cat("logs: ", pair().collect_logs("setup")));
        FAIL() << error.what();
    }
}

void Scenario::TearDown() {
    if (load_) load_->stop();
    load_.reset();
    for (const auto& undo : undo_) try {
            undo();
        } catch (const std::exception& error) {
            say(cat("could not be undone: ", error.what()));
        }
    undo_.clear();
    if (!HasFailure()) return;
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    say(cat("logs, CIB and scheduler inputs: ", pair().collect_logs(test->name())));
    // What it left broken must not break the next one.
    pair().world().down();
}

void Scenario::start_load(const LoadOptions& options) {
    load_ = std::make_unique<Load>(pair(), options);
    run_on();
}

void Scenario::run_on(Milliseconds span) const { std::this_thread::sleep_for(span); }

History Scenario::stop_load() {
    auto history = load_->stop();
    load_.reset();
    say(cat(history.acknowledged(), " writes acknowledged"));
    return history;
}

void Scenario::wait_until_active(const std::string& node, Milliseconds limit) {
    pair().wait_until(cat("the service on ", node), limit, [&](const ClusterStatus& now) {
        return now.where("db", "Promoted") == node && now.where("vip", "Started") == node;
    });
}

void Scenario::wait_until_healthy(Milliseconds limit) {
    const auto deadline = Deadline::after(limit);
    for (std::string what; !(what = pair().ailment()).empty();)
        deadline.pause(Milliseconds(100), cat("a healthy pair (", what, ")"));
}

void Scenario::move_away() {
    active().output_of({"crm_resource", "--resource", "db-clone", "--move", "--promoted", "--node",
                        standby().name()});
    wait_until_active(standby().name(), Milliseconds(60'000));
}

void Scenario::let_return() {
    active().output_of({"crm_resource", "--resource", "db-clone", "--clear"});
    wait_until_healthy(Milliseconds(60'000));
}

void Scenario::wait_for_promotion(WallTime since, Milliseconds limit) {
    const auto deadline = Deadline::after(limit);
    while (promotions_since(since) == 0) deadline.pause(Milliseconds(50), "a promotion");
}

void Scenario::wait_for_state(const std::string& node, const std::string& state,
                              Milliseconds limit) {
    pair().wait_until(cat(node, " to be ", state), limit, [&](const ClusterStatus& now) {
        return now.attribute(node, "db-state") == state;
    });
}

void Scenario::wait_for_log(const std::string& node, const std::string& words, WallTime since,
                            Milliseconds limit) {
    const auto log = pair().world().place().disk(node) + "/var/log/pacemaker/pacemaker.log";
    const auto deadline = Deadline::after(limit);
    while (!find_in_log(log, since, words))
        deadline.pause(Milliseconds(20), cat("'", words, "' in the log of ", node));
}

LoadOptions Scenario::busy() {
    LoadOptions options;
    options.writers = 8;
    return options;
}

History Scenario::heal_and_stop(Milliseconds limit) {
    pair().heal(say, limit);
    run_on();
    return stop_load();
}

void Scenario::clean_up() { pair().node(pair().active()).output_of({"crm_resource", "--cleanup"}); }

std::string Scenario::sql(const Node& node, const std::string& statements) {
    return node.output_of({"mariadb", "-N"}, Milliseconds(30'000), statements);
}

int Scenario::promotions_since(WallTime since) {
    int count = 0;
    for (const auto* node : node_names)
        count += count_in_log(
            pair().world().place().disk(node) + "/var/log/pacemaker/pacemaker.log", since,
            "duet-mysql promoted with epoch");
    return count;
}

void Scenario::expect_data_whole(const History& history) {
    const auto deadline = Deadline::after(Milliseconds(20'000));
    // The last acknowledged row is received there; it may have to be applied yet.
    while (digest_of(pair().node("a")) != digest_of(pair().node("b")))
        deadline.pause(Milliseconds(50), "both servers to hold the same");
    for (const auto* node : node_names) {
        const auto present = rows_on(pair().node(node));
        EXPECT_EQ(0u, history.lost(present).size()) << "acknowledged and not on " << node;
        EXPECT_EQ(0u, history.invented(present).size()) << "never written, but on " << node;
        EXPECT_GE(long(present.size()), history.acknowledged());
    }
}

void Scenario::expect_nothing_lost(const History& history) {
    expect_data_whole(history);
    EXPECT_EQ(0.0, history.both_open_seconds());
}

void Scenario::report(const std::string& what, double seconds) {
    const double rounded = double(long(seconds * 1000 + 0.5)) / 1000;
    say(cat(what, ": ", rounded, " s"));
    auto key = what;
    std::replace(key.begin(), key.end(), ' ', '_');
    testing::Test::RecordProperty(key, cat(rounded));
}

void Scenario::wait_for_page_from(const std::string& node, Milliseconds limit) {
    const auto pid = pair().world().pid_of("client");
    ASSERT_TRUE(pid);
    std::string last;
    const auto url = cat("http://", external_vip, "/index.php");
    // A thread of its own: it does not come back from the client's network.
    std::thread([&] {
        enter_network_of(*pid);
        const auto deadline = Deadline::after(limit);
        while (!deadline.expired()) {
            const auto page = fetch_page(url, Milliseconds(200), Milliseconds(1000));
            last = page.server();
            if (page.status == 200 && last == node) return;
            std::this_thread::sleep_for(Milliseconds(50));
        }
    }).join();
    EXPECT_EQ(node, last) << "the server that answered " << url << " last";
}

}  // namespace duet::lab

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (geteuid() != 0) {
        std::cout << "the lab makes namespaces: it needs root\n";
        return 77;
    }
    std::signal(SIGPIPE, SIG_IGN);
    if (!getenv("DUET_LAB")) setenv("DUET_LAB", "check", 1);
    testing::AddGlobalTestEnvironment(new duet::lab::LabOfTheTests);
    return RUN_ALL_TESTS();
}
