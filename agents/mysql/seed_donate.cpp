// SPDX-License-Identifier: GPL-2.0-or-later
#include "seed_donate.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <thread>

#include "daemon.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "log.hpp"
#include "piped.hpp"
#include "saved.hpp"
#include "seed_stream.hpp"
#include "seed_swap.hpp"
#include "server_options.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

namespace fs = std::filesystem;

constexpr Milliseconds connecting{10'000}, sign_of_life{1'000};
constexpr Milliseconds silence{120'000};  // a slow disk of the standby holds the sending up
constexpr const char* greeting = "duet-seed-1";

// Holds what was sent so far against what the rate allows.
class Throttle {
  public:
    explicit Throttle(int mebibytes) : bytes_per_second_(mebibytes * 1024.0 * 1024.0) {}
    void sent(std::size_t bytes) {
        if (bytes_per_second_ <= 0) return;
        const auto cost = std::chrono::duration_cast<std::chrono::nanoseconds>(
            std::chrono::duration<double>(double(bytes) / bytes_per_second_));
        const auto now = std::chrono::steady_clock::now();
        // What was not sent in a pause is not made up for.
        due_ = std::max(due_, now) + cost;
        std::this_thread::sleep_for(due_ - now - cost);
    }

  private:
    double bytes_per_second_;
    std::chrono::steady_clock::time_point due_{};
};

long long size_of_data(const Config& config) {
    const auto binlog =
        read_server_options(config, Deadline::after(Milliseconds(10'000))).binlog;
    long long size = 0;
    std::error_code error;
    fs::recursive_directory_iterator entry(config.datadir, error), end;
    for (; !error && entry != end; entry.increment(error)) {
        if (entry->path().filename() == seed_folder || entry->path().filename() == "#innodb_redo")
            entry.disable_recursion_pending();
        // Of the redo log a backup has a part only.
        if (entry->path().filename().string().starts_with("ib_logfile")) continue;
        if (!binlog.empty() && entry->path().string().starts_with(binlog + '.')) continue;
        std::error_code gone;
        if (entry->is_regular_file(gone)) size += (long long)(entry->file_size(gone));
    }
    return size;
}

// The password must not stand in the command line, and the server's own option file comes along.
std::string option_file(const Instance& instance) {
    const auto credentials = read_credentials(instance.config.credentials);
    const char quote = credentials.password.find('"') == std::string::npos ? '"' : '\'';
    return cat("!include ", instance.config.config, "\n[mariadb-backup]\nuser=", credentials.user,
               "\npassword=", quote, credentials.password, quote, "\nsocket=",
               instance.config.socket, "\ndatadir=", instance.config.datadir, '\n');
}

class Donation {
  public:
    Donation(const Instance& instance, SeedStream& stream) : instance_(instance), stream_(stream) {}
    void run();

  private:
    void pump(Piped& backup);

    const Instance& instance_;
    SeedStream& stream_;
};

void Donation::pump(Piped& backup) {
    Throttle throttle(instance_.config.reseed_rate);
    std::vector<char> block(SeedStream::most_sent);
    for (;;) {
        pollfd waiting{backup.pipe().get(), POLLIN, 0};
        const int ready = ::poll(&waiting, 1, int(sign_of_life.count()));
        if (ready < 0 && errno != EINTR) throw_errno("wait for the backup");
        if (ready == 0) stream_.send_sign_of_life();
        if (ready <= 0) continue;
        const auto size = ::read(backup.pipe().get(), block.data(), block.size());
        if (size < 0 && errno != EINTR) throw_errno("read the backup");
        if (size == 0) return;
        if (size < 0) continue;
        stream_.send({block.data(), std::size_t(size)});
        throttle.sent(std::size_t(size));
    }
}

void Donation::run() {
    const auto program = find_program("mariadb-backup");
    if (!program)
        throw Failure(Exit::installed, cat("mariadb-backup is not installed on ",
                                           instance_.call.node));
    const auto options = instance_.directory + "/backup.cnf";
    replace_file(options, option_file(instance_), duet::Durability::none, 0600);
    const auto log = lasting_folder(instance_.call) + "/seed-given.log";
    const Fd log_fd(::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!log_fd) throw_errno(cat("make '", log, "'"));
    const auto folder = instance_.directory + "/backup";
    fs::create_directories(folder);
    Piped backup({*program, cat("--defaults-file=", options), "--backup", "--stream=mbstream",
                  cat("--target-dir=", folder)},
                 PipeEnd::output, log_fd.get());
    pump(backup);
    const auto ended = backup.finish(Deadline::after(Milliseconds(60'000)));
    std::error_code ignored;
    fs::remove(options, ignored);
    fs::remove_all(folder, ignored);
    if (!ended.succeeded())
        throw Failure(Exit::generic, cat("mariadb-backup ", ended.how(), ": ", complaint_in(log),
                                         " (", log, ')'));
}

}  // namespace

std::string to_text(const SeedOffer& offer) {
    return cat(greeting, ' ', offer.word, ' ', offer.epoch, ' ', offer.bytes, ' ',
               offer.state.empty() ? "-" : offer.state);
}

std::optional<SeedOffer> parse_seed_offer(const std::string& line) {
    const auto words = split_words(line);
    if (words.size() != 5 || words[0] != greeting) return std::nullopt;
    const auto epoch = parse_integer(words[2]), bytes = parse_integer(words[3]);
    if (!epoch || !bytes) return std::nullopt;
    return SeedOffer{words[1], int(*epoch), (long long)(*bytes), words[4] == "-" ? "" : words[4]};
}

void donate_seed(const Instance& instance, const SeedRequest& request) {
    const auto& peer = *instance.peer();
    const auto credentials = read_credentials(instance.config.credentials);
    auto stream = SeedStream::connect(
        peer.address, request.port,
        make_seed_key(credentials.replication_password, instance.call.instance),
        Deadline::after(connecting), silence);
    try {
        SeedOffer offer;
        offer.word = request.word;
        offer.epoch = instance.record.own.number;
        offer.bytes = size_of_data(instance.config);
        auto database = instance.connect(std::chrono::seconds(10));
        const bool clones = database.dialect().clones;
        if (!clones) {
            offer.state = database.binlog_state();
        } else if (database.serves_tls()) {
            offer.state = offers_tls;
        }
        stream.send_line(to_text(offer));
        log::info("seeding ", peer.node, " with about ", offer.bytes >> 20, " MiB");
        // A clone is fetched by the other server, with the account of replication.
        if (!clones) Donation(instance, stream).run();
        stream.send_end();
    } catch (const std::exception& error) {
        const std::string sentence = error.what();
        try {
            stream.send_failure(sentence);
        } catch (const std::exception&) {
        }
        throw Failure(Exit::generic, sentence);
    }
    log::info("everything was sent to ", peer.node);
}

}  // namespace duet::mysql
