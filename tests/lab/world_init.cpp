// SPDX-License-Identifier: GPL-2.0-or-later
#include "world_init.hpp"

#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "failure.hpp"
#include "line_socket.hpp"
#include "power.hpp"
#include "spawn.hpp"
#include "text.hpp"

namespace duet::lab {

namespace {

using Clock = std::chrono::steady_clock;

// How the management controller of one node behaves.
struct Controller {
    enum class Mood { normal, refuses, dead } mood = Mood::normal;
    Milliseconds delay{0};
    bool boots_after_fencing = true;
    Milliseconds boot_delay{1000};
};

// What happens later: an answer to a fence agent, or the boot that follows a reboot.
struct Later {
    Clock::time_point due;
    std::function<void()> act;
};

class World {
  public:
    explicit World(const Place& place)
        : place_(place),
          machines_(place),
          control_(listen_at(place.control_socket())),
          bmc_(listen_at(place.bmc_socket())) {
        for (const auto* node : node_names) controllers_[node];
    }

    void build();
    [[noreturn]] void serve();

  private:
    void note(const std::string& line);
    void start_host(const std::string& who);
    void turn();
    void take_request(const Fd& listener, bool from_agent);
    std::string answer(const std::vector<std::string>& words);
    std::string tell_controller(const std::vector<std::string>& words);
    void ask_controller(std::shared_ptr<Fd> peer, const std::vector<std::string>& words);
    std::string fence(const std::string& action, const std::string& node);
    std::string known(const std::vector<std::string>& words) const;

    Place place_;
    Machines machines_;
    Fd control_, bmc_;
    std::map<std::string, Controller> controllers_;
    std::map<std::string, pid_t> hosts_;
    std::vector<Later> later_;
    std::vector<std::shared_ptr<Fd>> unanswered_;  // by controllers that are dead
};

void World::note(const std::string& line) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    char stamp[64];
    std::snprintf(stamp, sizeof stamp, "%lld.%06ld", static_cast<long long>(now.tv_sec),
                  now.tv_nsec / 1000);
    std::ofstream(place_.journal(), std::ios::app) << stamp << ' ' << line << '\n';
}

void World::start_host(const std::string& who) {
    hosts_[who] = spawn_in_namespaces(
        CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS,
        {cat(source_folder(), "/tests/lab/host.sh"), who, place_.state()},
        place_.journal() + "." + who);
    machines_.attach(who, hosts_[who]);
}

void World::build() {
    run_script("network.sh", {"bridges"});
    start_host("gateway");
    start_host("client");
    run_script("network.sh", {"join", cat(hosts_["gateway"]), cat(hosts_["client"])});
    note("the world is there");
}

void World::serve() {
    while (true) try {
            turn();
        } catch (const std::exception& error) {
            note(cat("error: ", error.what()));
        }
}

void World::turn() {
    int wait = 100;
    const auto now = Clock::now();
    for (const auto& later : later_) {
        const auto left = std::chrono::ceil<Milliseconds>(later.due - now).count();
        wait = std::clamp<int>(static_cast<int>(left), 0, wait);
    }
    pollfd pollers[]{{control_.get(), POLLIN, 0}, {bmc_.get(), POLLIN, 0}};
    poll(pollers, 2, wait);
    if (pollers[0].revents) take_request(control_, false);
    if (pollers[1].revents) take_request(bmc_, true);

    std::vector<Later> due;
    std::erase_if(later_, [&due](const Later& later) {
        if (later.due > Clock::now()) return false;
        due.push_back(later);
        return true;
    });
    for (const auto& later : due) later.act();
    for (const auto& node : machines_.reap()) note(cat("crashed ", node));
}

void World::take_request(const Fd& listener, bool from_agent) {
    const auto peer = std::make_shared<Fd>(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!*peer) return;
    const auto words = split_words(read_line(peer->get()));
    try {
        if (from_agent)
            ask_controller(peer, words);
        else
            write_line(peer->get(), cat("ok ", answer(words)));
    } catch (const std::exception& error) {
        note(cat("error: ", join(words, " "), ": ", error.what()));
        write_line(peer->get(), cat("error ", error.what()));
    }
}

std::string World::known(const std::vector<std::string>& words) const {
    if (words.size() < 2 || !controllers_.count(words[1]))
        throw Failure(Exit::args, cat("'", join(words, " "), "' must name node a or b"));
    return words[1];
}

std::string World::answer(const std::vector<std::string>& words) {
    const std::string verb = words.empty() ? "" : words[0];
    if (verb == "cuts") {
        const auto& cuts = machines_.cuts();
        return join({cuts.begin(), cuts.end()}, " ");
    }
    if (verb == "cut" || verb == "heal") {
        auto cuts = machines_.cuts();
        if (words.size() < 2) cuts.clear();
        else if (verb == "cut") cuts.insert(words[1]);
        else cuts.erase(words[1]);
        machines_.set_cuts(cuts);
        note(join(words, " "));
        return "";
    }
    const std::string node = known(words);
    if (verb == "status") return machines_.is_on(node) ? "on" : "off";
    if (verb == "bmc") return tell_controller(words);
    if (verb == "on") machines_.power_on(node);
    else if (verb == "off") machines_.power_off(node);
    else throw Failure(Exit::args, cat("unknown request '", join(words, " "), "'"));
    note(cat(verb, ' ', node));
    return "";
}

std::string World::tell_controller(const std::vector<std::string>& words) {
    Controller& controller = controllers_[words[1]];
    const std::string what = words.size() > 2 ? words[2] : "";
    const std::string value = words.size() > 3 ? words[3] : "";
    const auto number = parse_integer(value);
    if (what == "normal") controller = Controller{};
    else if (what == "refuse") controller.mood = Controller::Mood::refuses;
    else if (what == "dead") controller.mood = Controller::Mood::dead;
    else if (what == "delay" && number) controller.delay = Milliseconds(*number);
    else if (what == "boot-delay" && number) controller.boot_delay = Milliseconds(*number);
    else if (what == "boots" && parse_boolean(value))
        controller.boots_after_fencing = *parse_boolean(value);
    else throw Failure(Exit::args, cat("unknown request '", join(words, " "), "'"));
    if (controller.mood != Controller::Mood::dead) unanswered_.clear();
    note(join(words, " "));
    return "";
}

void World::ask_controller(std::shared_ptr<Fd> peer, const std::vector<std::string>& words) {
    const std::string verb = words.empty() ? "" : words[0];
    if (verb == "status" && words.size() < 2) return write_line(peer->get(), "ok");
    const std::string node = known(words);
    const Controller& controller = controllers_[node];
    if (verb != "status") note(cat("asked to ", verb, ' ', node));
    if (controller.mood == Controller::Mood::dead) {
        unanswered_.push_back(peer);
        return;
    }
    later_.push_back({Clock::now() + controller.delay, [this, peer, verb, node] {
                          try {
                              write_line(peer->get(), cat("ok ", fence(verb, node)));
                          } catch (const std::exception& error) {
                              note(cat("error: ", verb, ' ', node, ": ", error.what()));
                              write_line(peer->get(), cat("error ", error.what()));
                          }
                      }});
}

std::string World::fence(const std::string& action, const std::string& node) {
    const Controller& controller = controllers_[node];
    if (action == "status") return machines_.is_on(node) ? "on" : "off";
    if (controller.mood == Controller::Mood::refuses)
        throw Failure(Exit::generic, cat("the controller of ", node, " refuses to ", action, " it"));
    if (action == "on") {
        machines_.power_on(node);
        note(cat("on ", node));
        return "on";
    }
    if (action != "off" && action != "reboot")
        throw Failure(Exit::args, cat("unknown action '", action, "'"));
    machines_.power_off(node);
    note(cat("fenced ", node));
    if (action == "reboot" && controller.boots_after_fencing)
        later_.push_back({Clock::now() + controller.boot_delay, [this, node] {
                              if (!machines_.is_on(node)) note(cat("on ", node));
                              machines_.power_on(node);
                          }});
    return "off";
}

}  // namespace

void be_the_world(const Place& place) {
    World world(place);
    world.build();
    world.serve();
}

}  // namespace duet::lab
