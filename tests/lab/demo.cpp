// SPDX-License-Identifier: GPL-2.0-or-later
#include "demo.hpp"

#include <iomanip>
#include <iostream>
#include <sstream>
#include <thread>

#include "failure.hpp"
#include "load.hpp"
#include "text.hpp"
#include "timeline.hpp"

namespace duet::lab {

namespace {

constexpr Milliseconds take_over_limit{60'000};
constexpr Milliseconds return_limit{180'000};

void head(const std::string& line) { std::cout << "\n== " << line << '\n' << std::flush; }
void say(const std::string& line) { std::cout << "   " << line << '\n' << std::flush; }

std::string seconds(double value) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(2) << value << " s";
    return out.str();
}

Page page_as_a_visitor_sees_it(const World& world) {
    Page page;
    const auto pid = world.pid_of("client");
    if (!pid) return page;
    std::thread([&] {
        enter_network_of(*pid);
        page = fetch_page(cat("http://", external_vip, "/"), Milliseconds(500), Milliseconds(2000));
    }).join();
    return page;
}

void show_page(const Pair& pair) {
    const auto page = page_as_a_visitor_sees_it(pair.world());
    say(cat("http://", external_vip, "/ answers ", page.status ? cat(page.status) : page.error));
    for (const auto& line : split(page.body, '\n'))
        if (!line.empty()) say("  | " + line);
}

// What the two servers are doing, in a few words; "" where nobody knows.
std::string states(const Pair& pair) {
    const auto now = pair.status();
    if (!now) return {};
    std::string out;
    for (const std::string node : node_names) {
        const bool online = now->online.count(node) && now->online.at(node);
        const bool active = now->where("db", "Promoted") == node;
        const auto part = [&](const char* name) {
            const auto value = now->attribute(node, name);
            // What a server was before its role changed stands there until its next monitor.
            const bool stale = active ? value == "pushed-back" || value == "granted"
                                      : value == "promoted" || value == "solo";
            return value.empty() || stale ? std::string() : cat(", ", name, ' ', value);
        };
        out += cat(out.empty() ? "" : "; ", node, ": ",
                   online ? active ? "active" : "standby" : "away", part("db-state"),
                   part("files-state"));
    }
    return out;
}

// Tells each change, and every few seconds that it goes on.
template <typename Done>
bool narrate_until(const Pair& pair, Milliseconds limit, Done done) {
    const auto deadline = Deadline::after(limit);
    const auto begun = std::chrono::steady_clock::now();
    std::string told;
    auto last = begun;
    while (!deadline.expired()) {
        const bool over = done();
        const auto what = states(pair);
        const auto now = std::chrono::steady_clock::now();
        const bool long_silent = now - last > std::chrono::seconds(2);
        if (!what.empty() && (what != told || long_silent)) {
            const double at = std::chrono::duration<double>(now - begun).count();
            say(cat("after ", seconds(at), "  ", what == told ? "still " : "", what));
            told = what;
            last = now;
        }
        if (over) return true;
        std::this_thread::sleep_for(Milliseconds(100));
    }
    return false;
}

void show_timeline(const Timeline& line, WallTime cut) {
    const auto phase = [&](const char* what, const std::optional<WallTime>& when,
                           const char* explained) {
        std::ostringstream out;
        out << std::left << std::setw(14) << what;
        if (!when) {
            say(out.str() + "not found in the logs");
            return;
        }
        out << std::right << std::setw(8) << seconds(seconds_between(cut, *when)) << "   " << explained;
        say(out.str());
    };
    phase("detected", line.detected, "corosync: the other server is silent (token 500 ms)");
    phase("fencing asked", line.fencing_asked,
          "after priority-fencing-delay (2 s) and the controller's own pause (1 s, sometimes 2)");
    phase("fenced", line.fenced, "its management controller says that it is off");
    phase("promoted", line.promoted, "everything received is applied, the database is open");
    phase("addresses up", line.addresses_up, "both virtual addresses, announced");
    phase("first write", line.first_write, "acknowledged to a client");
    phase("first page", line.first_page, "with a count from the database");
}

bool show_balance(const Pair& pair, const History& history) {
    const auto rows = rows_on(pair.node(preferred));
    const auto lost = history.lost(rows).size();
    const auto both = history.both_open_seconds();
    say(cat(history.acknowledged(), " writes were acknowledged to clients, ", lost,
            " of them are missing now"));
    say(cat("two servers were open for writes at the same time for ", seconds(both)));
    return lost == 0 && both == 0;
}

void show_how_to_look_around(const Place& place) {
    head("The lab stays up. To look around:");
    const auto lab = cat(build_folder(), "/tests/lab/lab",
                         place.name == "duet" ? "" : cat(" --name ", place.name));
    say(lab + " status               what crm_mon says, and which faults are set");
    say(lab + " crm_mon              crm_mon as it stands, on a node");
    say(lab + " shell a              a shell in server a (b, client, gateway)");
    say(lab + " cut a                pull the plug of a; power-on a");
    say(lab + "                      alone prints everything it can do");
    say(lab + " down                 ends it: no process, namespace or mount stays");
}

void create(Pair& pair) {
    if (pair.world().is_up()) {
        say("a lab of an earlier run is up: ending it");
        pair.world().down();
    }
    pair.create(shipped_pair(), say);
}

bool show_power_cut(Pair& pair, WallTime& cut) {
    const auto survivor = other(preferred);
    head(cat("The plug of server ", preferred, ", the active one, is pulled"));
    cut = std::chrono::system_clock::now();
    pair.node(preferred).cut_power();
    return narrate_until(pair, take_over_limit, [&] {
        const auto now = pair.status();
        return now && now->where("vip", "Started") == survivor &&
               now->where("db", "Promoted") == survivor;
    });
}

}  // namespace

int show_demo(Pair& pair, Afterwards afterwards) {
    head("Two empty servers become a pair");
    create(pair);
    show_page(pair);

    head("Clients write through the internal address, visitors read through the external one");
    Load load(pair);
    std::this_thread::sleep_for(Milliseconds(1'500));
    say(cat(load.acknowledged(), " writes acknowledged so far"));

    WallTime cut;
    if (!show_power_cut(pair, cut))
        throw Failure(Exit::generic, "the standby did not take over within a minute");
    std::this_thread::sleep_for(Milliseconds(1'000));
    show_page(pair);

    head(cat("Server ", preferred, " boots, follows, gets its files, and takes the service back"));
    const bool healthy =
        narrate_until(pair, return_limit, [&] { return pair.ailment().empty(); });
    if (!healthy) throw Failure(Exit::generic, cat("the pair does not heal: ", pair.ailment()));
    std::this_thread::sleep_for(Milliseconds(1'000));
    const auto history = load.stop();
    show_page(pair);

    head("What the take-over consisted of, in time since the plug was pulled");
    show_timeline(read_timeline(pair, other(preferred), cut, history), cut);
    head("What was lost");
    const bool good = show_balance(pair, history);
    if (afterwards == Afterwards::keep) {
        show_how_to_look_around(pair.world().place());
    } else {
        pair.world().down();
        head("The lab is down, nothing of it is left running (--keep leaves it up)");
    }
    return good ? 0 : 1;
}

}  // namespace duet::lab
