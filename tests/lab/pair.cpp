// SPDX-License-Identifier: GPL-2.0-or-later
#include "pair.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "failure.hpp"
#include "file.hpp"
#include "power.hpp"
#include "text.hpp"

namespace duet::lab {

namespace fs = std::filesystem;

namespace {

std::string example(const std::string& name) {
    return cat(source_folder(), "/crm-examples/", name);
}

std::string random_bytes(std::size_t size) {
    std::random_device device;
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(device());
    return bytes;
}

void put(const Node& node, const std::string& file, const std::string& inside) {
    auto text = read_file(file);
    if (!text) throw Failure(Exit::installed, cat("'", file, "' cannot be read"));
    // Before anything starts: the other server must never see these data.
    const std::string parameter = "preferred_node=a";
    if (const auto place = text->find(parameter); is_mysql() && place != std::string::npos)
        text->insert(place, cat("binary=", database_program(), ' '));
    replace_file(node.path(inside), *text, Durability::none, 0600);
}

// The same on both nodes, made anew for each lab.
void make_secrets(const std::string& folder) {
    fs::create_directories(folder);
    replace_file(folder + "/authkey", random_bytes(256), Durability::none, 0400);
    std::string secret;
    for (const unsigned char byte : random_bytes(32)) secret += "0123456789abcdef"[byte % 16];
    replace_file(folder + "/rsync.secret", secret + "\n", Durability::none, 0600);
}

void prepare_disks(const Place& place, const PairOptions& options) {
    fs::remove_all(place.disks());
    const std::string secrets = place.disks() + "/secrets";
    make_secrets(secrets);
    std::vector<std::thread> threads;
    std::array<std::string, 2> problems;
    for (std::size_t i = 0; i < node_names.size(); ++i)
        threads.emplace_back([&, i] {
            const std::string node = node_names[i];
            try {
                run_script("prepare.sh", {node, place.disk(node), source_folder() + "/crm-examples",
                                          build_folder(), options.corosync, secrets});
            } catch (const std::exception& error) {
                problems[i] = error.what();
            }
        });
    for (auto& thread : threads) thread.join();
    for (const auto& problem : problems)
        if (!problem.empty()) throw Failure(Exit::generic, problem);
}

}  // namespace

PairOptions shipped_pair() {
    return {example("corosync-fast.conf"),
            {source_folder() + "/tests/lab/fencing-lab.crm", example("pair.crm")},
            true,
            {{"failback_delay", "5s"}, {"failback_limit", "0"}}};
}

PairOptions shipped_pair_by_pcs() {
    auto options = shipped_pair();
    options.loaded = {source_folder() + "/tests/lab/fencing-lab.pcs.sh", example("pair.pcs.sh")};
    return options;
}

PairOptions bare_cluster() {
    return {example("corosync-fast.conf"), {source_folder() + "/tests/lab/fencing-lab.crm"}, false,
            {}};
}

const Node& Pair::node(const std::string& name) const {
    for (const auto& node : nodes_)
        if (node.name() == name) return node;
    throw Failure(Exit::args, cat("there is no node '", name, "'"));
}

void Pair::create(const PairOptions& options, const Progress& progress) {
    if (world_.is_up())
        throw Failure(Exit::generic, cat("the lab '", world_.place().name, "' is up already"));
    progress("two servers are installed: the database, nginx, PHP and the shipped files");
    prepare_disks(world_.place(), options);
    progress("networks, gateway, client and management controllers are made");
    world_.up();
    progress("both servers boot: corosync and pacemaker");
    for (const auto& node : nodes_) node.power_on();
    wait_until("both nodes to be online", Milliseconds(60'000), [](const ClusterStatus& status) {
        return status.quorum && status.online.size() == 2 && status.online.at("a") &&
               status.online.at("b");
    });
    load(options, progress);
}

void Pair::load_by_crm(const std::string& file) const {
    put(node("a"), file, "/root/load.crm");
    node("a").output_of({"crm", "-w", "configure", "load", "update", "/root/load.crm"},
                        Milliseconds(60'000));
}

// As crm-examples/README.md says it.
void Pair::load_by_pcs(const std::vector<std::string>& files, const Progress& progress) const {
    const Node& a = node("a");
    for (const auto* copy : {"/root/old.xml", "/root/new.xml"})
        a.output_of({"pcs", "cluster", "cib", copy});
    for (const auto& file : files) {
        progress(cat("sh ", fs::path(file).filename().string(), " new.xml"));
        put(a, file, "/root/load.sh");
        a.output_of({"sh", "/root/load.sh", "/root/new.xml"}, Milliseconds(120'000));
    }
    progress("pcs cluster cib-push new.xml diff-against=old.xml");
    a.output_of({"pcs", "cluster", "cib-push", "/root/new.xml", "diff-against=/root/old.xml"},
                Milliseconds(60'000));
}

void Pair::load(const PairOptions& options, const Progress& progress) {
    const Node& a = node("a");
    std::vector<std::string> for_pcs;
    for (const auto& file : options.loaded) {
        if (file.ends_with(".pcs.sh")) {
            for_pcs.push_back(file);
            continue;
        }
        progress(cat("crm configure load update ", fs::path(file).filename().string()));
        load_by_crm(file);
    }
    if (!for_pcs.empty()) load_by_pcs(for_pcs, progress);
    for (const auto& [name, value] : options.db_parameters)
        a.output_of({"crm_resource", "-r", "db", "-p", name, "-v", value});
    if (!options.has_schema) return;
    progress("the database is promoted on one of two empty servers");
    std::string promoted;
    wait_until("a promoted database", Milliseconds(60'000), [&](const ClusterStatus& status) {
        promoted = status.where("db", "Promoted");
        return !promoted.empty();
    });
    progress("the site's table is made on the active server");
    node(promoted).output_of({"mariadb"}, Milliseconds(10'000),
                             read_file(example("schema.sql")).value_or(""));
    progress("waiting for a healthy pair");
    const Deadline deadline = Deadline::after(Milliseconds(90'000));
    for (std::string what; !(what = ailment()).empty();)
        deadline.pause(Milliseconds(200), cat("a healthy pair (", what, ")"));
}

std::optional<ClusterStatus> Pair::status() const {
    std::optional<ClusterStatus> newcomer;
    for (const auto& node : nodes_) try {
            const Ended shown = node.run({"crm_mon", "-1", "-A", "-f", "--output-as=xml"},
                                         Milliseconds(3000));
            const auto said = shown.succeeded() ? parse_status(shown.out) : std::nullopt;
            if (!said) continue;
            // A node that has not joined yet shows what it knew before.
            const auto itself = said->online.find(node.name());
            if (itself != said->online.end() && itself->second && !said->controller.empty())
                return said;
            newcomer = said;
        } catch (const Failure&) {
            // Off; the other one may know.
        }
    return newcomer;
}

void Pair::wait_until(const std::string& what, Milliseconds limit,
                      const std::function<bool(const ClusterStatus&)>& good) const {
    const Deadline deadline = Deadline::after(limit);
    while (true) {
        const auto now = status();
        if (now && good(*now)) return;
        deadline.pause(Milliseconds(100), what);
    }
}

std::string Pair::active() const {
    const auto now = status();
    return now ? now->where("db", "Promoted") : std::string();
}

std::string Pair::ailment() const {
    const auto now = status();
    if (!now) return "no node answers";
    for (const auto* node : node_names)
        if (!now->online.count(node) || !now->online.at(node)) return cat(node, " is not online");
    const std::string standby = other(preferred);
    if (now->where("db", "Promoted") != preferred) return "the database is not on the preferred node";
    if (now->attribute(standby, "db-state") != "granted")
        return cat("the standby is not granted but '", now->attribute(standby, "db-state"), "'");
    if (now->where("vip", "Started") != preferred) return "the addresses are not up";
    for (const char* id : {"nginx", "php"})
        if (now->count(id, "Started") != 2) return cat(id, " does not run on both nodes");
    if (now->where("files", "Promoted") != preferred || now->count("files", "Unpromoted") != 1)
        return "the files are not pushed";
    if (!now->failures.empty())
        return cat(now->failures.front().operation, " failed on ", now->failures.front().node, ": ",
                   now->failures.front().reason);
    return {};
}

void Pair::heal(const Progress& progress, Milliseconds limit) {
    const Deadline deadline = Deadline::after(limit);
    world_.ask("heal");
    for (const auto& node : nodes_) {
        world_.ask(cat("bmc ", node.name(), " normal"));
        if (!node.is_on()) {
            progress(cat("power on ", node.name()));
            node.power_on();
        } else {
            node.thaw();
        }
    }
    wait_until("both nodes to be online", deadline.remaining(), [this](const ClusterStatus& now) {
        for (const auto* name : node_names)
            if (!now.online.count(name)) return false;
        for (const auto* name : node_names)
            tell({"crm_attribute", "-N", name, "-n", "standby", "-D", "-q"});
        return now.online.at("a") && now.online.at("b");
    });
    tell({"crm_resource", "-r", "db-clone", "--clear"});
    std::string told;
    for (std::string what; !(what = ailment()).empty();) {
        if (what != told) progress(cat("waiting: ", what));
        told = what;
        // Forgotten as an administrator does it, each time that the way back has left another one.
        const auto now = status();
        if (now && !now->failures.empty()) tell({"crm_resource", "--cleanup"});
        deadline.pause(Milliseconds(500), cat("a healthy pair (", what, ")"));
    }
}

void Pair::tell(const std::vector<std::string>& argv) const {
    for (const auto& node : nodes_) try {
            node.run(argv);
            return;
        } catch (const Failure&) {
            // Off, or fenced at this moment.
        }
}

std::string Pair::collect_logs(const std::string& title) const {
    const fs::path folder =
        cat("/var/tmp/duet-lab/failed-", world_.place().name, '-', title, '-', time(nullptr));
    const auto copy = fs::copy_options::recursive | fs::copy_options::skip_symlinks |
                      fs::copy_options::overwrite_existing;
    std::error_code ignored;  // what cannot be copied is missing in the folder, and no more
    for (const auto& node : nodes_) {
        const fs::path disk = world_.place().disk(node.name()), to = folder / node.name();
        fs::create_directories(to, ignored);
        fs::copy(disk / "var/log", to / "log", copy, ignored);
        fs::copy(disk / "overlay/var/lib/pacemaker", to / "pacemaker", copy, ignored);
        try {
            std::ofstream(to / "crm_mon.txt")
                << node.run({"crm_mon", "-1", "-A", "-f", "-n", "-r"}).out;
        } catch (const Failure&) {
            std::ofstream(to / "crm_mon.txt") << "the node was off\n";
        }
    }
    fs::copy(world_.place().state(), folder / "world", copy, ignored);
    return folder.string();
}

}  // namespace duet::lab
