// SPDX-License-Identifier: GPL-2.0-or-later
#include "transfer.hpp"

#include "failure.hpp"
#include "process.hpp"
#include "rsyncd.hpp"
#include "text.hpp"

namespace duet::rsync_push {

namespace {

long number_after(const std::string& text, std::string_view key) {
    const auto at = text.find(key);
    if (at == std::string::npos) return 0;
    const auto begin = at + key.size();
    return long(
        parse_integer(text.substr(begin, text.find_first_not_of("0123456789", begin) - begin))
            .value_or(0));
}

// What rsync says last is where in its source it gave up; the cause stands before that.
std::string cause(const Ended& ended) {
    for (const auto& line : split(ended.err, '\n'))
        if (!trim(line).empty()) return std::string(trim(line));
    return cat("rsync ", ended.how());
}

}  // namespace

void read_statistics(const std::string& out, const std::string& err, Transfer& transfer) {
    transfer.entries = number_after(out, "Number of files: ");
    transfer.created = number_after(out, "Number of created files: ");
    transfer.deleted = number_after(out, "Number of deleted files: ");
    transfer.transferred = number_after(out, "Number of regular files transferred: ");
    transfer.spared = number_after(out + err, "Deletions stopped due to --max-delete limit (");
}

Client::Client(const Instance& instance) : instance_(instance), program_(instance.rsync()) {}

std::string Client::url(const std::string& module) const {
    const auto& peer = instance_.peer();
    const bool v6 = peer.address.find(':') != std::string::npos;
    const auto host = v6 ? cat('[', peer.address, ']') : peer.address;
    return cat("rsync://", account, '@', host, ':', peer.port, '/', module, '/');
}

Transfer Client::run_with(std::vector<std::string> arguments, const Deadline& deadline) const {
    // From the address that the receiver expects, whichever the routes would choose.
    arguments.insert(arguments.begin(),
                     {program_, "--password-file=" + instance_.config.secret,
                      "--address=" + instance_.self().address, "--contimeout=5", "--timeout=30"});
    RunOptions options;
    options.environment = {"LC_ALL=C"};
    const auto ended = run(arguments, deadline, options);
    Transfer transfer;
    transfer.outcome = ended.timed_out ? Outcome::incomplete
                       : ended.signal  ? Outcome::broken
                                       : outcome_of(ended.exit_code);
    if (transfer.outcome != Outcome::done) transfer.words = cause(ended);
    read_statistics(ended.out, ended.err, transfer);
    return transfer;
}

// -a: links, modes, owners, times, devices. -H hard links, -A ACLs, -X extended attributes.
// --modify-window=-1: times are compared to the nanosecond, else a file that was changed twice
// within a second and kept its size would never be pushed again.
// Files are put in place whole: rsync writes a temporary name and renames it, so neither --inplace
// nor --partial. --delete-delay: what is to go is found while files are compared and goes last, so
// that a page never lacks both the old and the new name of a file. Not --delay-updates, which
// leaves a folder of half a pass in every folder of the tree when it is interrupted.
Transfer Client::push(const Tree& tree, long deletions, const Deadline& deadline) const {
    std::vector<std::string> arguments{"-aHAX",
                                       "--modify-window=-1",
                                       "--numeric-ids",
                                       "--delete-delay",
                                       cat("--max-delete=", deletions),
                                       "--stats",
                                       "--no-human-readable"};
    for (const auto& pattern : instance_.config.exclude)
        arguments.push_back("--exclude=" + pattern);
    arguments.push_back(tree.path + '/');
    arguments.push_back(url(tree.module));
    return run_with(std::move(arguments), deadline);
}

Transfer Client::fetch(const std::string& module, const std::string& file, const std::string& to,
                       const Deadline& deadline) const {
    return run_with({"--ignore-times", url(module) + file, to}, deadline);
}

Transfer Client::send(const std::string& file, const std::string& module,
                      const Deadline& deadline) const {
    return run_with({"--ignore-times", file, url(module)}, deadline);
}

}  // namespace duet::rsync_push
