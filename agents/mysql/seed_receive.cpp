// SPDX-License-Identifier: GPL-2.0-or-later
#include "seed_receive.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <thread>

#include "daemon.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "kin.hpp"
#include "log.hpp"
#include "piped.hpp"
#include "saved.hpp"
#include "seed_clone.hpp"
#include "seed_donate.hpp"
#include "seed_stream.hpp"
#include "seed_swap.hpp"
#include "server.hpp"
#include "server_options.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

namespace fs = std::filesystem;

constexpr Milliseconds connecting{60'000};     // the active's monitor comes every second
constexpr Milliseconds silence{15'000};        // without a sign of life, which comes each second
constexpr Milliseconds idle{600'000};          // without data
constexpr Milliseconds preparing{24 * 3600'000};
constexpr Milliseconds ending{300'000}, starting{300'000}, settling{120'000};
constexpr const char* seeded = "duet.seeded";  // in the data directory: position and state

std::string program(const char* name) {
    if (auto path = find_program(name)) return *path;
    throw Failure(Exit::installed, cat(name, " is not installed here"));
}

class Reception {
  public:
    Reception(const Instance& instance, const std::function<void(SeedPhase)>& tell)
        : instance_(instance),
          config_(instance.config),
          data_(config_.datadir),
          tell_(tell),
          log_(lasting_folder(instance.call) + "/seed-taken.log"),
          log_fd_(::open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600)) {
        if (!log_fd_) throw_errno(cat("make '", log_, "'"));
    }

    void take(SeedStream& stream, const std::string& word);
    void swap();

  private:
    void check_room(long long bytes) const;
    void unpack(SeedStream& stream);
    void prepare(const std::string& state);
    void clone(const SeedOffer& offer);
    void save_own();
    bool comes_up(const Process& process) const;
    void settle();
    void go_on_with_old();
    Failure failed(const char* what, const Ended& ended) const {
        return Failure(Exit::generic,
                       cat(what, ' ', ended.how(), ": ", complaint_in(log_), " (", log_, ')'));
    }

    const Instance& instance_;
    const Config& config_;
    const std::string& data_;
    const std::function<void(SeedPhase)>& tell_;
    std::string log_;
    Fd log_fd_;
};

void Reception::check_room(long long bytes) const {
    struct statvfs room{};
    if (::statvfs(data_.c_str(), &room) != 0) return;
    const auto free = (long long)(room.f_bavail) * (long long)(room.f_frsize);
    if (free < bytes)
        throw Failure(Exit::generic,
                      cat("the disk of '", data_, "' has ", free >> 20, " MiB free, and the data are "
                          "about ", bytes >> 20, " MiB: the old ones stay until the new ones are in "
                          "use"));
}

void Reception::unpack(SeedStream& stream) {
    Piped unpacker({program("mbstream"), "-x", "-C", new_data(data_)}, PipeEnd::input,
                   log_fd_.get());
    std::string trouble;
    try {
        stream.read_blocks(
            [&](std::string_view block) {
                while (!block.empty()) {
                    const auto count = ::write(unpacker.pipe().get(), block.data(), block.size());
                    if (count < 0 && errno == EINTR) continue;
                    if (count < 0) throw_errno("unpack what the active server sends");
                    block.remove_prefix(std::size_t(count));
                }
            },
            idle);
    } catch (const std::system_error&) {
        // It has ended by itself and said why.
        throw failed("mbstream", unpacker.finish(Deadline::after(Milliseconds(5'000))));
    }
    const auto ended = unpacker.finish(Deadline::after(idle));
    if (!ended.succeeded()) throw failed("mbstream", ended);
}

void Reception::prepare(const std::string& state) {
    RunOptions options;
    const auto ended = run({program("mariadb-backup"), "--no-defaults", "--prepare",
                            cat("--target-dir=", new_data(data_))},
                           Deadline::after(preparing), options);
    [[maybe_unused]] const auto written =
        ::write(log_fd_.get(), ended.err.data(), ended.err.size());
    if (!ended.succeeded()) throw failed("mariadb-backup --prepare", ended);
    // FILE POSITION GTIDS
    const auto info =
        split_words(read_file(new_data(data_) + "/xtrabackup_binlog_info").value_or(""));
    const auto position = info.size() == 3 ? parse_gtid_state(info[2]) : std::nullopt;
    const auto before = parse_gtid_state(state);
    if (!position || position->empty() || !before)
        throw Failure(Exit::generic, "the backup does not say at which transaction it was made");
    std::string all;
    for (const auto& [key, sequence] : merged(*before, *position))
        all += cat(all.empty() ? "" : ",", key.first, '-', key.second, '-', sequence);
    replace_file(cat(new_data(data_), '/', seeded), cat(info[2], ' ', all, '\n'),
                 duet::Durability::synced);
    for (const auto& entry : fs::recursive_directory_iterator(new_data(data_)))
        give_to(config_.user, entry.path().string());
}

void Reception::clone(const SeedOffer& offer) {
    fetch_by_clone(instance_, offer.state == offers_tls);
    replace_file(cat(new_data(data_), '/', seeded), "", duet::Durability::synced);
    give_to(config_.user, cat(new_data(data_), '/', seeded));
}

// Nothing that only this server has is thrown away before a person can read it.
void Reception::save_own() {
    if (const auto saved = save_what_is_own(instance_, Deadline::after(idle)))
        log::warning("only this server has: ", *saved);
}

void Reception::take(SeedStream& stream, const std::string& word) {
    const auto offer = parse_seed_offer(stream.read_line());
    if (!offer || offer->word != word)
        throw Failure(Exit::generic, "the active server answers something else than the request");
    if (offer->epoch <= instance_.record.own.number)
        throw Failure(Exit::generic, cat("the other server has the epoch ", offer->epoch,
                                         ", this one ", instance_.record.own.number,
                                         ": not seeded from an older one"));
    const auto options = read_server_options(config_, Deadline::after(Milliseconds(10'000)));
    if (!options.elsewhere.empty())
        throw Failure(Exit::generic,
                      cat("data lie outside of '", data_, "': ", options.elsewhere));
    make_room(data_);
    try {
        check_room(offer->bytes);
        tell_(SeedPhase::receiving);
        if (options.clones) {
            clone(*offer);
        } else {
            unpack(stream);
            tell_(SeedPhase::preparing);
            prepare(offer->state);
        }
        save_own();
    } catch (...) {
        discard_new(data_);
        throw;
    }
}

bool Reception::comes_up(const Process& process) const {
    const auto end = Deadline::after(starting);
    while (!end.expired() && process.alive()) {
        try {
            instance_.connect();
            return true;
        } catch (const SqlError&) {
            std::this_thread::sleep_for(Milliseconds(50));
        }
    }
    return false;
}

void Reception::swap() {
    tell_(SeedPhase::swapping);
    Server server(config_, instance_.directory + "/mysqld");
    if (const auto process = server.find(); process && !shut_down(*process, Deadline::after(ending)))
        throw Failure(Exit::generic, "mysqld does not end");
    try {
        swap_in(data_, [&] {
            // A new life that was never promoted, and knows who was.
            auto record = read_record(data_, instance_.call.node);
            record.own = Epoch();
            write_record(data_, record);
        });
    } catch (...) {
        settle_swap(data_);
        go_on_with_old();
        throw;
    }
    std::string error;
    try {
        const auto process = server.start(RecoveryRole::source);
        if (comes_up(process)) return settle();
        end_hard(process, Deadline::after(Milliseconds(10'000)));
        error = server.first_error();
    } catch (const Failure& failure) {
        error = failure.what();
    }
    swap_back(data_);
    go_on_with_old();
    throw Failure(Exit::generic,
                  cat("mysqld does not start on the new data, and goes on with the old ones: ",
                      error.empty() ? cat("see '", config_.log, "'") : error));
}

// Where that fails, the monitor finds no server, and Pacemaker does what it does then.
void Reception::go_on_with_old() {
    try {
        Server(config_, instance_.directory + "/mysqld").start(RecoveryRole::source);
    } catch (const Failure& failure) {
        log::error("mysqld does not start on the old data: ", failure.what());
    }
}

void Reception::settle() {
    tell_(SeedPhase::settling);
    log::info("seeded; the old data are kept until this server follows");
    const auto end = Deadline::after(settling);
    while (!end.expired()) {
        std::this_thread::sleep_for(Milliseconds(200));
        try {
            const auto view = instance_.connect().look();
            if (view.receiver != Receiver::running || !view.applier_runs ||
                ::access(cat(data_, '/', seeded).c_str(), F_OK) == 0)
                continue;
        } catch (const SqlError&) {
            continue;
        }
        discard_old(data_);
        log::info("it follows: the old data are removed");
        return;
    }
    log::warning("it does not follow yet: the old data stay in '", old_data(data_),
                 "' until the next seeding, or until somebody removes them");
}

}  // namespace

const char* to_text(SeedPhase phase) {
    switch (phase) {
        case SeedPhase::none: return "none";
        case SeedPhase::waiting: return "waiting";
        case SeedPhase::receiving: return "receiving";
        case SeedPhase::preparing: return "preparing";
        case SeedPhase::swapping: return "swapping";
        case SeedPhase::settling: return "settling";
    }
    return "none";
}

SeedPhase parse_seed_phase(const std::string& text) {
    for (const auto phase : {SeedPhase::waiting, SeedPhase::receiving, SeedPhase::preparing,
                             SeedPhase::swapping, SeedPhase::settling})
        if (text == to_text(phase)) return phase;
    return SeedPhase::none;
}

void receive_seed(const Instance& instance, const Fd& listener, const SeedRequest& request,
                  const std::function<void(SeedPhase)>& tell) {
    const auto credentials = read_credentials(instance.config.credentials);
    auto stream = SeedStream::accept(
        listener, make_seed_key(credentials.replication_password, instance.call.instance),
        Deadline::after(connecting), silence);
    Reception reception(instance, tell);
    reception.take(stream, request.word);
    reception.swap();
}

void finish_seed(const Config& config, Database& database) {
    const auto path = cat(config.datadir, '/', seeded);
    const auto text = read_file(path);
    if (!text) return;
    const auto words = split_words(*text);
    database.forget_source();
    if (words.size() == 2) database.begin_history(words[1], words[0]);
    fs::remove(path);
    log::info("this server was seeded at ", database.look().applied_position);
}

}  // namespace duet::mysql
