// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "cases.hpp"
#include "cluster.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

constexpr auto nothing = "nothing", nowhere = "none";

class Player {
  public:
    explicit Player(const Element& cib) : cib_(cib), cluster_(cib) {}

    void take(const Step& step) {
        const auto& words = step.words;
        const auto word = [&](std::size_t at) {
            if (at >= words.size()) throw std::runtime_error("a word is missing");
            return words[at];
        };
        const std::map<std::string, std::function<void()>> verbs = {
            {"wrong:", [] {}},
            {"start", [&] { start(word(0)); }},
            {"lose", [&] { cluster_.lose(word(0)); }},
            {"join", [&] { cluster_.join(word(0)); }},
            {"standby", [&] { cluster_.set_standby(word(0), "on"); }},
            {"online", [&] { cluster_.set_standby(word(0), "off"); }},
            {"fail", [&] { cluster_.fail(word(0), word(1)); }},
            {"refuse", [&] { cluster_.refuse(word(0), word(1), word(2)); }},
            {"ban", [&] { cluster_.ban(word(0), word(1)); }},
            {"forgive", [&] { cluster_.forgive(word(0), word(1)); }},
            {"score", [&] { set("master-" + word(0), word(1), word(2)); }},
            {"attribute", [&] { set(word(0), word(1), word(2)); }},
            {"run:", [&] { run(step.items); }},
            {"order:", [&] { expect_order(step.items); }},
            {"free:", [&] { expect_free(step.items); }},
            {"stuck", [&] { EXPECT_FALSE(last_.completed) << "the transition came to its end"; }},
            {"end:", [&] { expect_end(step.items); }},
        };
        const auto verb = verbs.find(step.verb);
        if (verb == verbs.end()) throw std::runtime_error(cat("no verb is '", step.verb, "'"));
        verb->second();
    }

  private:
    void start(const std::string& active) {
        if (active == "cold") return;
        // Most cases begin like this, and it takes longer than the rest of them.
        static std::map<std::string, Cluster> known;
        const auto key = active + to_text(cib_);
        auto found = known.find(key);
        if (found == known.end()) {
            cluster_.start_healthy(active);
            found = known.emplace(key, cluster_).first;
        }
        cluster_ = found->second;
    }

    void set(const std::string& name, const std::string& node, const std::string& value) {
        cluster_.set_attribute(node, name, value == nowhere ? "" : value);
    }

    void run(std::vector<std::string> expected) {
        if (expected == std::vector<std::string>{nothing}) expected.clear();
        last_ = cluster_.run();
        auto done = last_.actions;
        std::sort(expected.begin(), expected.end());
        std::sort(done.begin(), done.end());
        EXPECT_EQ(expected, done) << "in this order: " << join(last_.actions, ", ");
    }

    void expect_order(const std::vector<std::string>& chain) {
        for (std::size_t at = 1; at < chain.size(); ++at)
            EXPECT_TRUE(last_.waits(chain[at], chain[at - 1]))
                << chain[at] << " does not wait for " << chain[at - 1];
    }

    void expect_free(const std::vector<std::string>& chain) {
        for (std::size_t at = 1; at < chain.size(); ++at)
            EXPECT_FALSE(last_.waits(chain[at], chain[at - 1]))
                << chain[at] << " waits for " << chain[at - 1];
    }

    // What stands in an "end:" line, spelled out for each resource.
    void expect_end(const std::vector<std::string>& items) {
        std::map<std::string, std::string> leaders;  // of db, files, vip, cron
        std::set<std::string> down;                  // "nginx@a"
        for (const auto& item : items) {
            const auto words = split_words(item);
            if (words.size() != 2) throw std::runtime_error(cat("two words expected: ", item));
            if (words[0] == "down") {
                down.insert(words[1]);
            } else if (words[0] == "active") {
                for (const char* name : {"db", "files", "vip", "cron"}) leaders[name] = words[1];
            } else {
                leaders[words[0]] = words[1];
            }
        }
        for (const auto& [name, nodes] : cluster_.places()) {
            Nodes expected;
            const auto leader = leaders.find(name);
            if (cluster_.cloned().contains(name)) {
                for (const auto& node : cluster_.online())
                    if (!down.contains(cat(name, '@', node)))
                        expected[node] = leader == leaders.end()  ? RunningAs::started
                                         : leader->second == node ? RunningAs::promoted
                                                                  : RunningAs::unpromoted;
            } else if (leader != leaders.end() && leader->second != nowhere) {
                expected[leader->second] = RunningAs::started;
            }
            EXPECT_EQ(text_of(expected), text_of(nodes)) << "of " << name;
        }
    }

    using Nodes = std::map<std::string, RunningAs>;
    static std::string text_of(const Nodes& nodes) {
        std::vector<std::string> parts;
        for (const auto& [node, as] : nodes)
            parts.push_back(cat(as == RunningAs::promoted     ? "promoted on "
                                : as == RunningAs::unpromoted ? "unpromoted on "
                                                              : "started on ",
                                node));
        return parts.empty() ? "nowhere" : join(parts, ", ");
    }

    const Element& cib_;
    Cluster cluster_;
    Transition last_;
};

}  // namespace

void play(const Case& one, const Element& cib) {
    Player player(cib);
    for (const auto& step : one.steps) {
        SCOPED_TRACE(cat("tests/scheduler/", one.file, ':', step.line, ": ", step.verb, ' ',
                         join(step.words, " ")));
        try {
            player.take(step);
        } catch (const std::runtime_error& error) {
            FAIL() << error.what();
        }
    }
}

}  // namespace duet::test
