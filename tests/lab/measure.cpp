// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure.hpp"

#include <algorithm>
#include <csignal>
#include <iomanip>
#include <iostream>
#include <thread>

#include "failure.hpp"
#include "load.hpp"
#include "text.hpp"
#include "timeline.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds limit{120'000};
// Of crm-examples/pair.crm: priority-fencing-delay.
constexpr double fencing_delay = 2;

using Samples = std::vector<std::pair<std::string, std::vector<double>>>;  // in the order of rows

void add(Samples& samples, const std::string& row, double value) {
    for (auto& [name, values] : samples)
        if (name == row) return values.push_back(value);
    samples.push_back({row, {value}});
}

void say(const std::string& line) { std::cerr << "  " << line << std::endl; }

WallTime now() { return std::chrono::system_clock::now(); }

void settle(Pair& pair) {
    pair.heal(say, limit);
    std::this_thread::sleep_for(Milliseconds(3'000));
}

void wait_until_on(const Pair& pair, const std::string& node) {
    pair.wait_until(cat("the service on ", node), limit, [&](const ClusterStatus& status) {
        return status.where("vip", "Started") == node && status.where("db", "Promoted") == node;
    });
    std::this_thread::sleep_for(Milliseconds(1'500));
}

void move_and_return(Pair& pair, Samples& samples) {
    settle(pair);
    Load load(pair);
    std::this_thread::sleep_for(Milliseconds(1'000));
    const auto there = now();
    pair.node("a").output_of({"crm_resource", "-r", "db-clone", "--move", "--promoted", "-N", "b"});
    wait_until_on(pair, "b");
    const auto back = now();
    pair.node("a").output_of({"crm_resource", "-r", "db-clone", "--clear"});
    wait_until_on(pair, "a");
    const auto history = load.stop();
    add(samples, "planned move: write gap", history.write_gap(there, back).seconds());
    add(samples, "automatic failback: write gap", history.write_gap(back).seconds());
}

void kill_server(Pair& pair, Samples& samples) {
    settle(pair);
    Load load(pair);
    std::this_thread::sleep_for(Milliseconds(1'000));
    const auto since = now();
    pair.node("a").signal("mariadbd", SIGKILL);
    wait_until_on(pair, "b");
    const auto history = load.stop();
    add(samples, "`kill -9` of mariadbd: write gap", history.write_gap(since).seconds());
    add(samples, "`kill -9` of mariadbd: page gap", history.page_gap(since).seconds());
}

void cut_power(Pair& pair, Samples& samples) {
    settle(pair);
    Load load(pair);
    std::this_thread::sleep_for(Milliseconds(1'000));
    const auto cut = now();
    pair.node("a").cut_power();
    wait_until_on(pair, "b");
    const auto history = load.stop();
    const auto line = read_timeline(pair, "b", cut, history);
    if (!line.detected || !line.fencing_asked || !line.fenced || !line.promoted ||
        !line.addresses_up)
        throw Failure(Exit::generic, "the logs do not tell the phases of a power cut");
    const auto total = seconds_between(cut, *line.first_write);
    add(samples, "power cut: first acknowledged write, fencing delay apart", total - fencing_delay);
    add(samples, "power cut: first page, fencing delay apart",
        seconds_between(cut, *line.first_page) - fencing_delay);
    add(samples, "- until the membership is known", seconds_between(cut, *line.detected));
    add(samples, "- the controller's own time, and its pause",
        seconds_between(*line.detected, *line.fencing_asked) - fencing_delay);
    add(samples, "- the fence device", seconds_between(*line.fencing_asked, *line.fenced));
    add(samples, "- notifications and promotion", seconds_between(*line.fenced, *line.promoted));
    add(samples, "- addresses", seconds_between(*line.promoted, *line.addresses_up));
    add(samples, "- first write", seconds_between(*line.addresses_up, *line.first_write));
}

void print(Samples samples, int times) {
    std::cout << "| in seconds, " << times << " runs | median | least | most |\n|---|---|---|---|\n"
              << std::fixed << std::setprecision(2);
    for (auto& [row, values] : samples) {
        std::sort(values.begin(), values.end());
        std::cout << "| " << row << " | " << values[values.size() / 2] << " | " << values.front()
                  << " | " << values.back() << " |\n";
    }
    std::cout << std::flush;
}

}  // namespace

void measure(Pair& pair, int times) {
    if (!pair.world().is_up()) pair.create(shipped_pair(), say);
    Samples samples;
    for (int turn = 1; turn <= times; ++turn) {
        say(cat("turn ", turn, " of ", times));
        move_and_return(pair, samples);
        kill_server(pair, samples);
        cut_power(pair, samples);
    }
    print(std::move(samples), times);
}

}  // namespace duet::lab
