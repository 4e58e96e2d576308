// SPDX-License-Identifier: GPL-2.0-or-later
#include "schedule.hpp"

#include "checks.hpp"
#include "cluster.hpp"
#include "database.hpp"
#include "faults.hpp"
#include "manager.hpp"

namespace duet::simulator {

namespace {

constexpr int healing_limit = 20'000;
constexpr int look_every = 16;  // whether it is healed

using Act = void (*)(World&, Node);
struct Actor {
    Act act;
    int weight;  // a schedule draws its own between 1 and this
};

void manager(World& world, Node node) {
    manager_goes_on(world, node);
}
void own_message(World& world, Node node) {
    message_arrives(world, node, node);
}
void message(World& world, Node node) {
    message_arrives(world, other(node), node);
}
void membership(World& world, Node node) {
    if (node == 0) rings_join(world);
    loss_is_noticed(world, node);
}

constexpr Actor actors[] = {
    {client_goes_on, 24},    {engine_flushes, 8},
    {server_answers, 8},     {event_is_received, 20},
    {event_is_applied, 16},  {acknowledgements_arrive, 20},
    {receiver_connects, 12}, {connection_loss_is_noticed, 8},
    {own_message, 48},       {message, 48},
    {membership, 12},        {fencing_goes_on, 6},
    {manager, 16},           {agent_goes_on, 60},
    {boot_by_chance, 2},
};

// Once in a while something is very slow.
int draw_weight(Random& random, int most) {
    return random.one_in(5) ? 1 : 1 + random.below(most);
}

// Which actor acts at a step: drawn by weight, without adding weights up at each step.
class Table {
  public:
    // `fair`: nobody is slow.
    Table(Random& random, bool fair) {
        int size = 0;
        for (const auto& actor : actors)
            for (const Node node : {0, 1})
                for (int i = fair ? actor.weight : draw_weight(random, actor.weight);
                     i > 0 && size < int(rows_.size()); --i)
                    rows_[std::size_t(size++)] = {actor.act, node};
        size_ = size;
    }
    void act(World& world) const {
        const auto& row = rows_[std::size_t(world.random.below(size_))];
        row.act(world, row.node);
    }

  private:
    struct Row {
        Act act = nullptr;
        Node node = 0;
    };
    std::array<Row, 640> rows_{};
    int size_ = 0;
};

// The usual beginning: A was promoted last and serves, B is granted.
void begin_paired(World& world) {
    for (const Node node : {0, 1}) {
        auto& server = world.servers[node];
        auto& database = world.databases[node];
        server.record = node == 0 ? Record{2, 1} : Record{1, 2};
        server.notes.life = world.new_word();
        server.notes.life_process = database.process = ++world.processes;
        server.notes.claim = mysql::Claim{node == 0 ? 1 : 2, true};
        server.notes.claim_daemon = server.daemon;
        server.role = node == 0 ? Role::promoted : Role::started;
        database.runs = database.answers = database.channel = true;
        database.log = database.engine = database.durable = bit(0);
    }
    auto& [a, b] = world.databases;
    world.servers[0].notes.promoted_process = a.process;
    a.open = a.waiting = a.sees_replica = b.applier = true;
    b.receiver = mysql::Receiver::running;
    Attributes of_a, of_b;
    of_a.claim = mysql::Claim{2, true};
    of_a.life = world.servers[0].notes.life;
    of_b.claim = mysql::Claim{1, true};
    of_b.life = world.servers[1].notes.life;
    of_a.state = of_b.state = State::other;
    of_a.score = 1000;
    of_b.score = 900;
    of_b.grant = {true, false, 2, of_b.life, world.new_word()};
    for (auto& server : world.servers) server.copy = {of_a, of_b};
    world.attempted = world.acknowledged = bit(0);
    world.transactions = 1;
    world.opened_epoch = 2;
}

// Both nodes boot: A was last, or neither was ever promoted and at most one has data.
void begin_cold(World& world, bool first) {
    const Node filled = first ? world.random.below(3) - 1 : 2;
    for (const Node node : {0, 1}) {
        auto& server = world.servers[node];
        auto& database = world.databases[node];
        server.cluster = server.powered = server.probed = server.member = server.seen_all = false;
        if (!first) server.record = node == 0 ? Record{2, 1} : Record{1, world.random.below(2) * 2};
        if (filled == 2 || filled == node) database.log = database.durable = bit(0);
    }
    world.attempted = bit(0);
    world.transactions = 1;
    if (filled >= 0) world.acknowledged = bit(0);
    if (!first) world.opened_epoch = 2;
}

void begin(World& world) {
    const int kind = world.random.below(8);
    if (kind < 6) return begin_paired(world);
    begin_cold(world, kind == 7);
}

constexpr int script_limit = 5'000;  // steps in which a script's moments may come

int draw_rest(Random& random) {
    return 20 + random.below(random.one_in(2) ? 120 : 600);
}

Outcome heal_and_check(World& world) {
    heal(world);
    const Table fair(world.random, true);
    for (int i = 0; i < healing_limit && world.violation.empty(); ++i, ++world.step) {
        if (i % look_every == 0) {
            keep_healing(world);
            if (is_healed(world) || world.exhausted) break;
        }
        fair.act(world);
    }
    if (world.violation.empty() && !world.exhausted) check_end(world);
    Outcome outcome;
    for (const auto& database : world.databases)
        outcome.diverged |= database.diverged && world.ordered;
    outcome.exhausted = world.exhausted;
    outcome.violation = world.violation;
    outcome.steps = world.step;
    if (world.trace) outcome.trace = std::move(*world.trace);
    return outcome;
}

}  // namespace

Outcome run(std::uint64_t seed, Setup setup, Broken broken, const Plan& plan, bool traced) {
    std::vector<std::string> trace;
    World world(seed, setup, broken);
    if (traced) world.trace = &trace;
    const Table table(world.random, false);
    world.ordered = world.random.one_in(2);
    begin(world);
    int next = 0;
    const int last = plan.count ? plan.faults[std::size_t(plan.count - 1)].step : 0;
    const int length = last + draw_rest(world.random);
    for (; world.step < length && world.violation.empty(); ++world.step) {
        while (next < plan.count && plan.faults[std::size_t(next)].step <= world.step)
            happen(world, plan.faults[std::size_t(next++)]);
        table.act(world);
    }
    return heal_and_check(world);
}

Outcome run(std::uint64_t seed, Setup setup, Broken broken, Script script, bool traced) {
    std::vector<std::string> trace;
    World world(seed, setup, broken);
    if (traced) world.trace = &trace;
    const Table table(world.random, false);
    world.ordered = world.random.one_in(2);
    begin_paired(world);
    int length = script_limit;
    for (; world.step < length && world.violation.empty(); ++world.step) {
        while (!script.empty() && script.front().when(world)) {
            happen(world, {world.step, script.front().fault, script.front().node});
            script = script.subspan(1);
            if (script.empty()) length = world.step + draw_rest(world.random);
        }
        table.act(world);
    }
    return heal_and_check(world);
}

Plan shrink(std::uint64_t seed, Setup setup, Broken broken, Plan plan) {
    for (int i = 0; i < plan.count;) {
        Plan smaller = plan;
        for (int j = i; j + 1 < plan.count; ++j)
            smaller.faults[std::size_t(j)] = plan.faults[std::size_t(j + 1)];
        --smaller.count;
        if (run(seed, setup, broken, smaller, false).violation.empty()) {
            ++i;
        } else {
            plan = smaller;
        }
    }
    return plan;
}

}  // namespace duet::simulator
