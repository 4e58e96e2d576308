// SPDX-License-Identifier: GPL-2.0-or-later
#include "secondaries.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <system_error>

#include "file.hpp"
#include "log.hpp"

namespace duet::vip {

namespace {

// Sets promote_secondaries on some links and puts it back. Two resources that stop at once must
// not put back each other's value, hence the lock.
class Promotion {
  public:
    Promotion(const Call& call, const std::vector<std::string>& links)
        : lock_(lock_file(run_directory(call) + "/../vip-secondaries.lock", call.deadline)) {
        for (const auto& link : links) {
            const auto path = "/proc/sys/net/ipv4/conf/" + link + "/promote_secondaries";
            if (trim(read_file(path).value_or("")) == "0" && write(path, "1")) set_.push_back(path);
        }
    }
    Promotion(const Promotion&) = delete;
    Promotion& operator=(const Promotion&) = delete;
    ~Promotion() {
        for (const auto& path : set_) write(path, "0");
    }

  private:
    static bool write(const std::string& path, const char* value) {
        const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
        return file && ::write(file.get(), value, 1) == 1;
    }

    Fd lock_;
    std::vector<std::string> set_;
};

std::vector<std::string> links_at_risk(Network& network, const std::vector<Held>& leaving,
                                       const std::vector<Held>& held) {
    std::set<int> links;
    for (const auto& one : leaving)
        if (!links.contains(one.link) && takes_others_along(one, leaving, held))
            links.insert(one.link);
    std::vector<std::string> names;
    for (const int index : links)
        if (const auto link = network.link(index)) names.push_back(link->name);
    return names;
}

// Where /proc/sys cannot be written (a container), what went too is put back.
void restore_lost(Network& network, const std::vector<Held>& leaving,
                  const std::vector<Held>& held) {
    const auto left = network.addresses();
    const auto has = [](const std::vector<Held>& list, const Held& one) {
        return std::any_of(list.begin(), list.end(), [&](const Held& other) {
            return other.address == one.address && other.link == one.link;
        });
    };
    for (const auto& one : held) {
        if (!one.secondary || has(leaving, one) || has(left, one)) continue;
        log::warning("the kernel removed ", text_of(one.address), '/', one.prefix,
                     " together with the primary address of its subnet; it is put back");
        network.add({one.address, one.prefix, one.link}, Source::normal);
    }
}

}  // namespace

void remove_alone(Network& network, const std::vector<Held>& leaving,
                  const std::vector<Held>& held, const Call& call) {
    std::optional<Promotion> promotion;
    const auto links = links_at_risk(network, leaving, held);
    if (!links.empty()) promotion.emplace(call, links);
    for (const auto& one : leaving) network.remove(one);
    if (!links.empty()) restore_lost(network, leaving, held);
}

}  // namespace duet::vip
