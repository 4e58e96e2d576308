// SPDX-License-Identifier: GPL-2.0-or-later
#include "seed.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <iostream>

#include "companion.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "log.hpp"
#include "process.hpp"
#include "seed_clone.hpp"
#include "seed_donate.hpp"
#include "seed_stream.hpp"
#include "seed_swap.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr Milliseconds readiness{5'000}, ending{5'000};
constexpr std::string_view ready = "ready ";
constexpr std::size_t sentence_shown = 250;

// The standby's companion and the active's; each file has pid and start time.
std::string taker_file(const Instance& instance) { return instance.directory + "/seed"; }
std::string giver_file(const Instance& instance) { return instance.directory + "/donate"; }
// The companion's own: an action rewrites the instance's notes as a whole.
std::string notes_file(const Instance& instance) { return instance.directory + "/seed.notes"; }

SeedPhase phase_of(const Notes& notes) {
    return parse_seed_phase(notes.get("phase").value_or(""));
}

bool runs(const std::string& file) { return recall(file).has_value(); }

void note_failure(Notes& notes, const std::string& sentence) {
    const auto before = parse_integer(notes.get("failures").value_or("0")).value_or(0);
    notes.set("failures", cat(before + 1));
    notes.set("failed at", cat(Notes::now()));
    notes.set("sentence", sentence.substr(0, sentence_shown));
    notes.erase("phase");
}

// A companion that ended without a word was killed.
void notice_end(const Instance& instance) {
    Notes notes(notes_file(instance));
    if (phase_of(notes) == SeedPhase::none || runs(taker_file(instance))) return;
    if (phase_of(notes) == SeedPhase::settling) {
        notes.erase("phase");
        return;
    }
    note_failure(notes, cat("the process that seeded this server was ended while it was ",
                            notes.get("phase").value_or("")));
    log::error("seeding: ", notes.get("sentence").value_or(""));
    try {
        abandon_clone(instance);
    } catch (const std::exception& error) {
        log::warning("could not end what it had begun: ", error.what());
    }
}

void show_last(Instance& instance, const Notes& notes) {
    const auto name = instance.attribute("seed");
    const auto sentence = notes.get("sentence");
    if (sentence) {
        instance.attributes.set(name, "failed: " + *sentence);
    } else if (instance.attributes.last_written(name)) {
        instance.attributes.remove(name);
    }
}

// Its grant must be void, and the active must not wait for it, before its data change places.
void take_out_of_service(Instance& instance) {
    publish_seeding(instance);
    instance.notes.erase("granted life");
    instance.end_life();
    auto database = instance.connect();
    // An applier whose transaction is not all there would wait for the rest of it, up to a minute.
    database.stop_applier();
    database.stop_receiver();
}

void begin(Instance& instance) {
    Notes notes(notes_file(instance));
    notes.erase("sentence");
    notes.set("phase", to_text(SeedPhase::waiting));
    const auto line = start_companion(instance.call, "--seed", taker_file(instance),
                                      instance.call.deadline.at_most(readiness));
    if (!line.starts_with(ready)) {
        Notes after(notes_file(instance));
        note_failure(after, line.empty() ? "its process says nothing" : line);
        log::error("seeding: ", after.get("sentence").value_or(""));
        return;
    }
    const SeedRequest request{line.substr(ready.size()), instance.config.reseed_port};
    log::warning("this server is seeded anew from ", instance.peer()->node);
    take_out_of_service(instance);
    instance.attributes.set(instance.attribute("seed"), to_text(request));
}

std::optional<Milliseconds> since_failure(const Notes& notes) { return notes.since("failed at"); }

}  // namespace

bool is_being_seeded(const Instance& instance) {
    const Notes notes(notes_file(instance));
    const auto phase = phase_of(notes);
    return phase != SeedPhase::none && phase != SeedPhase::settling && runs(taker_file(instance));
}

void publish_seeding(Instance& instance) {
    instance.attributes.set_promotion_score(ineligible);
    instance.publish_claim(true);
    instance.set_state("seeding");
}

void tend_seeding(Instance& instance, const StandbyLook& look) {
    if (!instance.peer()) return;
    notice_end(instance);
    const Notes notes(notes_file(instance));
    SeedView view;
    view.running = runs(taker_file(instance)) || runs(giver_file(instance));
    view.automatic = instance.config.reseed == "auto";
    view.asked = look.seed_asked;
    view.contested = is_contested(look.standing);
    view.superseded = is_superseded(look.standing);
    view.lost = is_lost(look.kinship);
    view.peer_serves = look.standing.peer_member && (look.standing.peer_state == "promoted" ||
                                                     look.standing.peer_state == "solo");
    view.failures = int(parse_integer(notes.get("failures").value_or("0")).value_or(0));
    view.since_failure = since_failure(notes);
    const auto step = toward_seed(view);
    if (step != SeedStep::none && view.asked)
        instance.attributes.remove(instance.attribute("reseed"));
    if (step == SeedStep::refuse) log::warning("not seeded: ", why_not_seeded(view));
    if (step == SeedStep::begin) {
        begin(instance);
    } else if (!view.running) {
        show_last(instance, notes);
    }
}

void answer_seed_request(Instance& instance) {
    const auto wanted = instance.notes.get("seed wanted").value_or("");
    const auto request = parse_seed_request(wanted);
    if (!request || instance.notes.get("seed answered") == request->word ||
        runs(giver_file(instance)) || runs(taker_file(instance)))
        return;
    instance.notes.set("seed answered", request->word);
    const auto line = start_companion(instance.call, "--donate", giver_file(instance),
                                      instance.call.deadline.at_most(readiness));
    if (!line.starts_with(ready)) log::error("could not seed the other server: ", line);
}

void mend_seeding(const Instance& instance) {
    if (settle_swap(instance.config.datadir))
        log::warning("the data directory was in the middle of a seeding, and is whole again");
}

void end_seeding(const Instance& instance) {
    constexpr std::array<EndStep, 2> steps{{{SIGTERM, 50}, {SIGKILL, 100}}};
    for (const auto& file : {taker_file(instance), giver_file(instance)}) {
        const auto words = split_words(read_file(file).value_or(""));
        const auto leader = words.empty() ? std::nullopt : parse_integer(words[0]);
        if (!leader || *leader <= 1) continue;
        // Another process may have the number by now; a session keeps it while it has members.
        if (Process::open(pid_t(*leader)) && !recall(file)) continue;
        auto found = processes();
        std::erase_if(found, [&](const Process& process) {
            return ::getsid(process.pid()) != pid_t(*leader);
        });
        if (!found.empty()) {
            log::warning("ending a seeding that is under way");
            end(found, steps, instance.call.deadline.at_most(ending));
        }
        ::unlink(file.c_str());
    }
    close_clone_window(instance.config);
    Notes notes(notes_file(instance));
    notes.erase("phase");
}

namespace {

// It has said to whoever started it what there was to say; nobody reads on.
void say(const std::string& line) {
    const auto text = line + '\n';
    [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
    const Fd nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
    ::dup2(nowhere.get(), STDOUT_FILENO);
    ::dup2(nowhere.get(), STDERR_FILENO);
}

void take(const Instance& instance) {
    Notes notes(notes_file(instance));
    const auto self = parse_peers(instance.config.peers, default_port).find(instance.call.node);
    if (!self) throw Failure(Exit::args, "parameter 'peers' does not name this node");
    const auto address = self->address;
    if (read_credentials(instance.config.credentials).replication_password.empty())
        throw Failure(Exit::args, "seeding needs a password in the group [replication]");
    const SeedRequest request{random_word(), instance.config.reseed_port};
    const auto listener = listen_for_seed(address, request.port);
    say(cat(ready, request.word));
    receive_seed(instance, listener, request,
                 [&](SeedPhase phase) { notes.set("phase", to_text(phase)); });
    for (const auto* note : {"phase", "failures", "failed at", "sentence"}) notes.erase(note);
}

void give(const Instance& instance) {
    const auto request = parse_seed_request(instance.notes.get("seed wanted").value_or(""));
    if (!request) throw Failure(Exit::generic, "nobody asks for a seeding");
    say(cat(ready, request->word));
    donate_seed(instance, *request);
}

int run_companion(bool takes, const Call& call, const Config& config) {
    const Instance instance(config, call);
    try {
        takes ? take(instance) : give(instance);
        return 0;
    } catch (const std::exception& error) {
        log::error(takes ? "not seeded: " : "could not seed the other server: ", error.what());
        std::cerr << error.what() << std::endl;
        if (takes) {
            Notes notes(notes_file(instance));
            note_failure(notes, error.what());
        }
        return 1;
    }
}

}  // namespace

std::optional<int> run_seed_companion(int argc, char** argv, void (*configure)(Config&)) {
    const std::string argument = argc == 3 ? argv[1] : "";
    if (argument != "--seed" && argument != "--donate") return std::nullopt;
    std::signal(SIGPIPE, SIG_IGN);
    const bool takes = argument == "--seed";
    auto call = read_call("mysql", argument, Milliseconds(20'000), process_environment());
    // Behind the actions, whose time it is not bound to; each of its waits has a limit of its own.
    call.deadline = Deadline::after(std::chrono::hours(24 * 7));
    log::open(cat("duet-mysql(", call.instance, ')'));
    [[maybe_unused]] const int away = ::chdir("/");
    ::prctl(PR_SET_NAME, takes ? "duet-seed" : "duet-donate");
    Config config;
    configure(config);
    return run_companion(takes, call, config);
}

}  // namespace duet::mysql
