// SPDX-License-Identifier: GPL-2.0-or-later
// The lab's command for people; usage below.
#include <unistd.h>

#include <csignal>

#include <iostream>
#include <string>
#include <vector>

#include "cuts.hpp"
#include "demo.hpp"
#include "failure.hpp"
#include "measure.hpp"
#include "pair.hpp"
#include "power.hpp"
#include "text.hpp"
#include "world_init.hpp"

using namespace duet;
using namespace duet::lab;

namespace {

constexpr const char* usage = R"(usage: lab [--name NAME] COMMAND ...
Two real Pacemaker nodes, a and b, on this machine. Several labs may run; NAME (or the environment's
DUET_LAB) tells them apart, "duet" by default.

  up [--bare] [--corosync FILE] [--crm FILE]...
                      two empty servers with the shipped configuration (--bare: fencing alone;
                      --crm: these files in the place of pair.crm)
  down                everything ends; the servers' disks stay until the next "up"
  status              power, cuts, and what crm_mon says
  heal                undo every fault and wait for a healthy pair
  demo [--keep]       show a failover and the way back
  measure [TIMES]     the figures of the README, as a table
  shell WHO [CMD...]  in a, b, client or gateway
  crm_mon [ARGS...]   in whichever node is on
  install             put newly built agents onto both servers
  cut NODE|CUT        pull the plug of a node, or take traffic away:
                      ring, database, external:a, internal:a, all:a, gateway; ring:a>b is one way
  uncut [CUT]         give it back
  power-on NODE       switch a node on
  freeze NODE, thaw NODE
  bmc NODE normal|refuse|dead|delay MS|boots yes|no|boot-delay MS
                      how the node's management controller behaves
)";

[[noreturn]] void become(const std::vector<std::string>& argv) {
    std::vector<char*> arguments;
    for (const auto& word : argv) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    execvp(arguments[0], arguments.data());
    throw_errno(cat("run '", argv[0], "'"));
}

class Command {
  public:
    Command(const Place& place, std::vector<std::string> words)
        : world_(place), pair_(world_), words_(std::move(words)) {}

    int run();

  private:
    std::string word(std::size_t index) const { return index < words_.size() ? words_[index] : ""; }
    void up();
    int status();
    [[noreturn]] void shell();
    [[noreturn]] void crm_mon();
    void install();
    void cut(const std::string& what);

    World world_;
    Pair pair_;
    std::vector<std::string> words_;
};

void say(const std::string& line) { std::cerr << "  " << line << std::endl; }

void Command::up() {
    PairOptions options = shipped_pair();
    std::vector<std::string> files;
    for (std::size_t i = 1; i < words_.size(); ++i) {
        if (word(i) == "--bare") options = bare_cluster();
        else if (word(i) == "--corosync") options.corosync = word(++i);
        else if (word(i) == "--crm") files.push_back(word(++i));
        else throw Failure(Exit::args, cat("unknown option '", word(i), "'"));
    }
    if (!files.empty()) {
        options = bare_cluster();
        options.loaded.insert(options.loaded.end(), files.begin(), files.end());
    }
    pair_.create(options, say);
    say(cat("the lab '", world_.place().name, "' is up"));
}

int Command::status() {
    if (!world_.is_up()) {
        std::cout << "the lab '" << world_.place().name << "' is down\n";
        return 3;
    }
    for (const auto* node : node_names)
        std::cout << node << ": " << world_.ask(cat("status ", node)) << '\n';
    std::cout << "cuts: " << world_.ask("cuts") << '\n' << std::flush;
    crm_mon();
}

void Command::shell() {
    const std::string who = word(1);
    const auto pid = world_.pid_of(who);
    if (!pid) throw Failure(Exit::args, cat("'", who, "' is off, or none of a, b, client, gateway"));
    std::vector<std::string> inside(words_.begin() + 2, words_.end());
    if (inside.empty()) inside = {"bash", "--norc"};
    const bool node = who == "a" || who == "b";
    become(entering(*pid, node ? "-m -u -i -n -p -r -w" : "-n", inside));
}

void Command::crm_mon() {
    std::vector<std::string> inside{"crm_mon"};
    if (words_.size() > 1) inside.insert(inside.end(), words_.begin() + 1, words_.end());
    else inside.insert(inside.end(), {"-1", "-A", "-f", "-r"});
    for (const auto* node : node_names)
        if (const auto pid = world_.pid_of(node))
            become(entering(*pid, "-m -u -i -n -p -r -w", inside));
    throw Failure(Exit::generic, "both nodes are off");
}

void Command::install() {
    for (const auto* name : node_names) {
        // Through the node where it is on: the layer below a mounted overlay must stay as it is.
        const auto pid = world_.pid_of(name);
        run_script("install.sh", {build_folder(), pid ? cat("/proc/", *pid, "/root/usr")
                                                      : world_.place().disk(name) + "/overlay/usr"});
    }
}

void Command::cut(const std::string& what) {
    if (what == "a" || what == "b") return pair_.node(what).cut_power();
    rules_of(what);
    world_.ask("cut " + what);
}

int Command::run() {
    const std::string verb = word(0);
    if (verb == "world-init") be_the_world(Place::named(word(1)));
    else if (verb == "up") up();
    else if (verb == "demo")
        return show_demo(pair_, word(1) == "--keep" ? Afterwards::keep : Afterwards::take_down);
    else if (verb == "measure") measure(pair_, int(parse_integer(word(1)).value_or(5)));
    else if (verb == "down") world_.down();
    else if (verb == "status") return status();
    else if (verb == "heal") pair_.heal(say);
    else if (verb == "shell") shell();
    else if (verb == "crm_mon") crm_mon();
    else if (verb == "install") install();
    else if (verb == "cut") cut(word(1));
    else if (verb == "uncut") world_.ask(words_.size() > 1 ? "heal " + word(1) : "heal");
    else if (verb == "power-on") world_.ask("on " + word(1));
    else if (verb == "freeze") pair_.node(word(1)).freeze();
    else if (verb == "thaw") pair_.node(word(1)).thaw();
    else if (verb == "bmc") world_.ask(join(words_, " "));
    else {
        std::cerr << usage;
        return 2;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    // A server whose plug was pulled is an answer, not a reason to die.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        Place place = Place::from_environment();
        if (words.size() > 1 && words[0] == "--name") {
            place = Place::named(words[1]);
            words.erase(words.begin(), words.begin() + 2);
        }
        if (geteuid() != 0) throw Failure(Exit::permission, "the lab makes namespaces: it needs root");
        return Command(place, words).run();
    } catch (const std::exception& error) {
        std::cerr << "lab: " << error.what() << '\n';
        return 1;
    }
}
