// SPDX-License-Identifier: GPL-2.0-or-later
#include "receiver.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <set>

#include "companions.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "hook.hpp"
#include "kept.hpp"
#include "log.hpp"
#include "notes.hpp"
#include "pidfd.hpp"
#include "rsyncd.hpp"
#include "text.hpp"
#include "version.hpp"

namespace duet::rsync_push {

namespace {

namespace fs = std::filesystem;

// As long as it may have something to say although nothing happens.
constexpr Milliseconds unsettled{5'000};

std::string keeping_file(const std::string& directory) {
    return directory + "/keeping";
}

// cron's files have no test that could refuse them.
bool has_hook(const Tree& tree) {
    return !tree.hook.empty() && tree.hook != "cron";
}

void make_empty(const std::string& folder) {
    fs::remove_all(folder);
    fs::create_directory(folder);
    ::chmod(folder.c_str(), 0700);
}

Milliseconds since(MonotonicTime begin) {
    return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begin);
}

class Receiver {
  public:
    explicit Receiver(const Instance& instance);
    // Lets the other server in.
    void open();
    void run();
    void show();

  private:
    void wait();
    void take_record();
    void run_hooks(const std::vector<std::string>& changed);
    void put_back(const Tree& tree, const std::string& refusal);

    const Instance& instance_;
    const std::string record_folder_;
    const MonotonicTime began_ = std::chrono::steady_clock::now();
    Life life_;
    Fd events_;
    std::optional<Process> daemon_;
    Fd daemon_end_;
    std::optional<MonotonicTime> complete_;
    std::set<std::string> refused_;  // modules whose hook is asked again
    std::string shown_;
    Notes notes_;  // for a person, or a test, without a cluster
};

// What a record names is believed for this life alone: the folder is empty, the word is new.
Receiver::Receiver(const Instance& instance)
    : instance_(instance),
      record_folder_(instance.directory + "/record"),
      life_{random_word(), instance.epoch()},
      shown_(shown_state(instance.call)),
      notes_(instance.directory + "/receiver.notes") {
    notes_.set("state", "");
    make_empty(record_folder_);
    make_empty(instance.directory + "/life");
    replace_file(instance.directory + "/life/life", to_text(life_), Durability::none);
    for (const auto& tree : instance.trees) fs::create_directories(tree.path);
    events_ = Fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (::inotify_add_watch(events_.get(), record_folder_.c_str(), IN_MOVED_TO) < 0)
        throw_errno(cat("watch '", record_folder_, "'"));
}

void Receiver::open() {
    // What this server works with now is the version to go back to.
    for (const auto& tree : instance_.trees)
        if (has_hook(tree)) keep_version(instance_, tree);
    daemon_ = start_daemon_of(instance_);
    daemon_end_ = Fd(::pidfd_open(daemon_->pid(), 0));
    if (!daemon_end_) throw_errno("watch the rsync daemon");
}

void Receiver::run() {
    for (;;) {
        wait();
        for (const auto& words : take_trouble(instance_)) log::warning("rsync daemon: ", words);
        if (!daemon_->alive()) throw Failure(Exit::generic, "the rsync daemon ended");
        take_record();
        show();
    }
}

void Receiver::wait() {
    const int patience = since(began_) < unsettled ? 1'000 : 10'000;
    std::array<pollfd, 2> fds{{{events_.get(), POLLIN, 0}, {daemon_end_.get(), POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), patience) < 0 && errno != EINTR) throw_errno("wait");
    std::array<char, 4096> ignored;
    while (::read(events_.get(), ignored.data(), ignored.size()) > 0) {
    }
}

void Receiver::take_record() {
    const auto file = record_folder_ + "/complete";
    const auto text = read_file(file);
    if (!text) return;
    ::unlink(file.c_str());
    const auto record = parse_record(*text);
    const auto reason =
        record ? why_not_believed(*record, life_) : std::optional<std::string>("it cannot be read");
    if (reason) {
        log::warning("a record of a complete pass does not count: ", *reason);
        return;
    }
    if (!complete_) log::info("received a complete pass of promotion ", record->epoch);
    complete_ = std::chrono::steady_clock::now();
    if (record->epoch > life_.epoch) {
        life_.epoch = record->epoch;
        instance_.write_epoch(record->epoch);
        replace_file(instance_.directory + "/life/life", to_text(life_), Durability::none);
    }
    run_hooks(record->changed);
}

void Receiver::run_hooks(const std::vector<std::string>& changed) {
    for (const auto& tree : instance_.trees) {
        if (std::find(changed.begin(), changed.end(), tree.module) == changed.end() &&
            !refused_.contains(tree.module))
            continue;
        const auto refusal = run_hook(tree);
        if (refusal) {
            put_back(tree, *refusal);
        } else {
            refused_.erase(tree.module);
            if (has_hook(tree)) keep_version(instance_, tree);
        }
    }
}

// What runs here goes on with what it has read; what stands on the disk must do for its next start.
// The active server sends its version again with each pass, until it is a better one.
void Receiver::put_back(const Tree& tree, const std::string& refusal) {
    const bool done = put_back_version(instance_, tree);
    if (!refused_.insert(tree.module).second) return;
    log::warning("the hook of '", tree.path, "' refuses what was received: ", refusal,
                 done ? "; the version before it was put back" : "; there is no version before it");
}

void Receiver::show() {
    Receiving receiving;
    receiving.age = since(began_);
    if (complete_) receiving.complete = since(*complete_);
    receiving.hook_refused = !refused_.empty();
    receiving.shows_pushed_back = shown_ == "pushed-back";
    const auto state = receiver_state(receiving, instance_.config.stale_after);
    if (state.empty()) return;
    notes_.set("state", state);
    // Each time, for pacemaker-attrd may have been restarted; it is written when it changed.
    show_state(instance_.call, state);
    shown_ = state;
}

}  // namespace

void receive_forever(const Instance& instance) {
    Receiver receiver(instance);
    receiver.show();
    if (has_unsent(instance)) {
        // May take its time, and start must not wait for it.
        replace_file(keeping_file(instance.directory), "", Durability::none);
        say_ready();
        keep_unsent(instance);
        receiver.open();
        ::unlink(keeping_file(instance.directory).c_str());
    } else {
        ::unlink(keeping_file(instance.directory).c_str());
        receiver.open();
        say_ready();
    }
    receiver.run();
}

bool is_keeping(const Call& call) {
    return ::access(keeping_file(run_directory(call)).c_str(), F_OK) == 0;
}

}  // namespace duet::rsync_push
