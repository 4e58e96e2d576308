// SPDX-License-Identifier: GPL-2.0-or-later
#include "pass.hpp"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <future>
#include <system_error>

#include "failure.hpp"
#include "file.hpp"
#include "rsyncd.hpp"
#include "text.hpp"
#include "transfer.hpp"

namespace duet::rsync_push {

namespace {

namespace fs = std::filesystem;

enum class Source { good, absent, empty };

Source look_at(const Tree& tree) {
    std::error_code error;
    const fs::directory_iterator entries(tree.path, error);
    if (error) return Source::absent;
    return entries == fs::directory_iterator() ? Source::empty : Source::good;
}

TreeResult refused(const Tree& tree, const std::string& words) {
    return {tree.path, Outcome::guarded, words};
}

// First without any deletion, which also tells how many there would be; then with as many, if they
// are within the limit. A source that is not what it was must not empty the receiver.
TreeResult push_tree(const Client& client, const Tree& tree, const Limit& limit, bool& changed,
                     const Deadline& deadline) {
    const auto source = look_at(tree);
    changed = false;
    if (source == Source::absent) return refused(tree, "is no folder on this server");
    auto transfer = client.push(tree, 0, deadline);
    changed = transfer.changed();
    if (transfer.spared > 0) {
        if (source == Source::empty)
            return refused(tree, "is empty on this server and not on the other one");
        const auto before = transfer.entries - transfer.created + transfer.spared;
        const auto allowed = allowed_deletions(limit, before);
        if (transfer.spared > allowed)
            return refused(tree, cat(transfer.spared, " of ", before,
                                     " entries of the other server "
                                     "would be deleted: parameter 'max_delete' allows ",
                                     allowed));
        transfer = client.push(tree, allowed, deadline);
        changed = changed || transfer.changed();
    }
    return {tree.path, transfer.outcome, transfer.words};
}

}  // namespace

std::string mark_file(const Instance& instance) {
    return instance.lasting + "/unsent";
}

Passes::Passes(const Instance& instance)
    : instance_(instance),
      life_file_(instance.directory + "/peer-life"),
      record_file_(instance.directory + "/complete") {}

void Passes::assume_changed() {
    for (const auto& tree : instance_.trees)
        if (!tree.hook.empty()) changed_.insert(tree.module);
}

Verdict Passes::run(const Deadline& deadline) {
    return run_with(deadline, true, [&](const Client& client, const Limit& limit) {
        std::vector<Pushed> pushed;
        for (const auto& tree : instance_.trees) {
            bool changed = false;
            auto result = push_tree(client, tree, limit, changed, deadline);
            pushed.push_back({std::move(result), changed});
        }
        return pushed;
    });
}

Verdict Passes::run_last(const Deadline& deadline) {
    return run_with(deadline, false, [&](const Client& client, const Limit& limit) {
        std::vector<std::future<Pushed>> under_way;
        for (const auto& tree : instance_.trees)
            under_way.push_back(std::async(std::launch::async, [&] {
                bool changed = false;
                auto result = push_tree(client, tree, limit, changed, deadline);
                return Pushed{std::move(result), changed};
            }));
        std::vector<Pushed> pushed;
        for (auto& one : under_way) pushed.push_back(one.get());
        return pushed;
    });
}

template <typename PushTrees>
Verdict Passes::run_with(const Deadline& deadline, bool tell_always, PushTrees push_trees) {
    const Client client(instance_);
    ::unlink(life_file_.c_str());
    const auto answer = client.fetch(life_module, "life", life_file_, deadline);
    if (answer.outcome != Outcome::done) return judge({{"", answer.outcome, answer.words}});
    const auto life = parse_life(read_file(life_file_).value_or(""));
    if (!life) return judge({{"", Outcome::broken, "the receiver says nothing that can be read"}});
    const auto epoch = instance_.epoch();
    if (life->epoch > epoch)
        return judge({{"", Outcome::guarded,
                       cat("the other server has seen promotion ", life->epoch,
                           ", this one pushes as ", epoch)}});

    const auto mark = mark_file(instance_) + ".pass";
    replace_file(mark, "", Durability::none);
    const auto pushed =
        push_trees(client, parse_limit(instance_.config.max_delete).value_or(Limit{}));
    std::vector<TreeResult> results;
    for (std::size_t i = 0; i < pushed.size(); ++i) {
        const auto& tree = instance_.trees[i];
        results.push_back(pushed[i].result);
        if (pushed[i].changed && !tree.hook.empty()) changed_.insert(tree.module);
    }
    auto verdict = judge(results);
    if (verdict.state != "complete") return verdict;

    if (tell_always || !changed_.empty()) {
        const Record record{life->word, epoch, ++number_, {changed_.begin(), changed_.end()}};
        replace_file(record_file_, to_text(record), Durability::none);
        const auto told = client.send(record_file_, record_module, deadline);
        if (told.outcome != Outcome::done) return judge({{"", told.outcome, told.words}});
        changed_.clear();
    }
    if (::rename(mark.c_str(), mark_file(instance_).c_str()) != 0)
        throw_errno(cat("rename '", mark, "'"));
    return verdict;
}

}  // namespace duet::rsync_push
