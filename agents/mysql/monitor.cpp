// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "actions.hpp"
#include "health.hpp"
#include "log.hpp"
#include "seed.hpp"
#include "settings.hpp"
#include "tail.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr Milliseconds tending{3'000};  // of one monitor; what is left goes on in the next
// A last server that has not been promoted for so long may not be (a ban, failures).
constexpr Milliseconds passed_over_for{10'000};
constexpr int settings_level = 10;
constexpr Milliseconds glance{50};
constexpr Milliseconds least_wait{100}, most_wait{1'000};  // for a greeting

// Each looks at the server once. SqlError: it did not answer, or not well.
Exit monitor_promoted(Instance& instance, const Process& process) {
    const auto sign = probe_active(instance);
    if (!sign.open)
        throw Failure(Exit::failed_promoted,
                      "the active server was closed for writes, and not by demote");
    warn_once(instance, "warned of lock",
              sign.sign == Sign::held ? "somebody holds a lock on all tables: no client can write"
                                      : "");
    tend_active(instance, process, false, tending);
    answer_seed_request(instance);
    withdraw_failback(instance);
    instance.attributes.set_promotion_score(1000);
    return Exit::running_promoted;
}

Exit monitor_standby(Instance& instance, const Process& process) {
    const auto look = tend_standby(instance, process);
    settle_tail(instance.call);  // of a recovery that outlasted start
    publish_standby(instance, look);
    tend_seeding(instance, look);
    if (!is_last(look.standing)) {
        instance.notes.erase("last");
    } else if (instance.notes.running("last") >= passed_over_for) {
        hand_over(instance, process, tending);
    }
    return Exit::success;
}

// A server that has not answered since it was started is recovering, however long that takes.
bool is_recovering(const Instance& instance, const Process& process) {
    return instance.life(process).empty();
}

class Watch {
  public:
    Watch(Instance& instance, const Process& process)
        : instance_(instance),
          process_(process),
          promoted_(instance.is_promoted(process)),
          well_(promoted_ ? Exit::running_promoted : Exit::success) {
        view_.promoted = promoted_;
        view_.patience = instance.config.hang_time;
    }

    // Asks until it has answered well, or it is decided that it is not well.
    Exit run();

  private:
    bool ask();
    void note_error(const SqlError& error);
    void wait_for_greeting();
    void check_settings();
    Exit conclude();

    Instance& instance_;
    const Process& process_;
    const bool promoted_;
    const Exit well_;
    HealthView view_;
    bool greeted_ = false;
};

bool Watch::ask() {
    try {
        promoted_ ? monitor_promoted(instance_, process_) : monitor_standby(instance_, process_);
        learn_places(instance_, process_);
        view_.sign = Sign::answered;
        instance_.notes.set("answered", cat(Notes::now()));
    } catch (const SqlError& error) {
        if (!promoted_ && error.is_connection() && is_recovering(instance_, process_)) {
            instance_.attributes.set_promotion_score(ineligible);
            instance_.set_state("recovering");
            return true;
        }
        note_error(error);
    }
    return false;
}

void Watch::note_error(const SqlError& error) {
    view_.sign = sign_of(error.code());
    view_.error = error.what();
    // A server on which even the reserved connections are taken lives, and a restart or a failover
    // would only give its clients the same again.
    const bool crowded = view_.sign == Sign::crowded;
    warn_once(instance_, "warned of crowd", crowded ? view_.error : "");
    if (crowded) return;
    if (view_.sign == Sign::held) view_.sign = Sign::failed;
    if (++view_.bad_probes == 1) log::warning("asking again: ", view_.error);
    view_.since_good = instance_.notes.running("answered");
}

// Wrong settings do not stop what works now: shown, and nothing is moved or restarted for them.
void Watch::check_settings() {
    std::vector<Finding> found;
    try {
        found = look_at_settings(instance_, process_);
    } catch (const SqlError& error) {
        // The monitor has just succeeded; the next one decides.
        log::warning("the settings could not be looked at: ", error.what());
        return;
    }
    warn_once(instance_, "warned of settings", join(sentences(found, false), "; "));
    const auto errors = sentences(found, true);
    if (!errors.empty())
        throw Failure(promoted_ ? Exit::degraded_promoted : Exit::degraded, join(errors, "; "));
}

Exit Watch::conclude() {
    const auto health = health_of(view_);
    if (health == Health::well) {
        if (instance_.call.check_level >= settings_level && view_.sign == Sign::answered)
            check_settings();
        return well_;
    }
    const bool failed = health == Health::failed;
    const auto exit = promoted_ ? failed ? Exit::failed_promoted : Exit::degraded_promoted
                                : Exit::generic;
    throw Failure(exit, why_not_well(view_));
}

// A second attempt that is answered by nobody must not take longer than what is left.
void Watch::wait_for_greeting() {
    instance_.call.deadline.pause(glance, "mysqld to answer");
    if (!process_.alive())
        throw Failure(Exit::not_running,
                      cat("mysqld ended while the monitor asked it", lack_of_room(instance_)));
    const auto left = view_.patience - instance_.notes.running("answered");
    greeted_ = greets(instance_.config.socket, std::clamp(left, least_wait, most_wait));
    if (greeted_) return;
    ++view_.bad_probes;
    view_.since_good = instance_.notes.running("answered");
}

Exit Watch::run() {
    for (;;) {
        if (ask()) return Exit::success;
        look_at_disks(instance_, view_);
        view_.standby_ready = instance_.notes.get("settled") == cat(instance_.record.own.number);
        greeted_ = false;
        while (!greeted_ && health_of(view_) == Health::ask_again) wait_for_greeting();
        if (!greeted_) return conclude();
    }
}

}  // namespace

Exit monitor(const Config& config, const Call& call) {
    Instance instance(config, call);
    // Whether it is empty is known when it runs; until then it must not be taken for empty.
    if (call.probe) instance.publish_claim(true);
    if (is_being_seeded(instance)) {
        publish_seeding(instance);
        return Exit::success;
    }
    const auto process = instance.server.find();
    if (!process) {
        if (call.probe) return Exit::not_running;
        throw Failure(Exit::not_running, cat("no mysqld works in '", config.datadir, "'",
                                             lack_of_room(instance)));
    }
    if (call.probe)
        return instance.is_promoted(*process) ? Exit::running_promoted : Exit::success;
    return Watch(instance, *process).run();
}

}  // namespace duet::mysql
