// SPDX-License-Identifier: GPL-2.0-or-later
#include "announcer.hpp"

#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "announcement_policy.hpp"
#include "entry.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "log.hpp"
#include "neighbours.hpp"
#include "text.hpp"

namespace duet::vip {

namespace {

// Runs while the machine or this process sleeps, so that a pause is seen.
Milliseconds now() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return Milliseconds(std::int64_t(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000);
}

struct Gateway {
    Address address;
    std::optional<Mac> mac;  // unknown until the kernel or it itself says
};

class Announcer {
  public:
    Announcer(const Config& config, const Call& call)
        : rivals_file_(run_directory(call) + "/rivals"),
          addresses_(addresses_in(config.addresses)),
          gateways_(addresses_in(config.gateways)),
          link_events_(NETLINK_ROUTE, RTMGRP_LINK),
          policy_(addresses_, config.refresh, now()) {
        ::unlink(rivals_file_.c_str());  // what a killed predecessor saw
    }

    void run() {
        while (take_turn()) {
            if (!said_) say_announced();
            wait();
        }
    }

  private:
    // False when the kernel has none of the addresses: then this process has no reason to be.
    bool take_turn();
    void speak(const Turn& turn, const Held& held);
    void speak_to(const Gateway& gateway, const Held& held, const Link& link);
    void wait();
    void listen();
    void look_at_links();
    void hear(const Heard& heard);
    void hear_gateway(const Heard& heard, const Link& over);
    void show_rivals();
    void say_announced();

    const Link* link(int index);
    const std::vector<Gateway>& gateways_of(const Held& held);

    std::string rivals_file_;
    std::vector<Address> addresses_, gateways_;
    Network network_;
    Netlink link_events_;
    Wire wire_;
    AnnouncementPolicy policy_;
    std::vector<Held> held_;
    std::map<int, std::optional<Link>> links_;
    std::map<std::pair<int, bool>, std::vector<Gateway>> gateways_of_;  // by link and family
    std::map<std::pair<int, Address>, Mac> told_;  // by gateways that answered
    std::map<Address, Mac> rivals_;
    bool said_ = false;
};

bool Announcer::take_turn() {
    const auto turn = policy_.turn(now());
    show_rivals();
    if (turn.empty()) return true;
    // The kernel is asked before anything is sent: an address that was taken away from under us
    // must not be announced.
    held_ = found_of(addresses_, network_.addresses());
    gateways_of_.clear();
    for (const auto& held : held_) speak(turn, held);
    return !held_.empty();
}

void Announcer::speak(const Turn& turn, const Held& held) {
    const auto* over = link(held.link);
    if (!over || !over->ethernet || over->loopback) return;
    wire_.open(*over, held.address.v6);
    const auto is_in = [&](const std::vector<Address>& list) {
        return std::binary_search(list.begin(), list.end(), held.address);
    };
    if (is_in(turn.probe)) wire_.send(held.link, probe(held.address, over->mac));
    if (!is_in(turn.announce)) return;
    for (const auto& frame : announcement(held.address, over->mac)) wire_.send(held.link, frame);
    for (const auto& gateway : gateways_of(held)) speak_to(gateway, held, *over);
}

// The question makes even those learn who ignore announcements, and its answer says where the
// gateway is; a gateway that is known is asked alone.
void Announcer::speak_to(const Gateway& gateway, const Held& held, const Link& link) {
    wire_.send(held.link, question(gateway.address, held.address, link.mac, gateway.mac));
    if (!gateway.mac) return;
    for (const auto& frame :
         announcement_to({gateway.address, *gateway.mac}, held.address, link.mac))
        wire_.send(held.link, frame);
}

void Announcer::wait() {
    std::vector<pollfd> waiting{{link_events_.fd(), POLLIN, 0}};
    for (const int fd : wire_.fds()) waiting.push_back({fd, POLLIN, 0});
    const auto span = std::max(policy_.wake_at() - now(), Milliseconds(0));
    if (::poll(waiting.data(), waiting.size(), int(span.count())) < 0 && errno != EINTR)
        throw_errno("wait");
    policy_.woke(now());
    if (waiting.front().revents) look_at_links();
    listen();
}

void Announcer::listen() {
    for (const auto& heard : wire_.receive()) hear(heard);
}

void Announcer::look_at_links() {
    link_events_.drain();
    bool returned = false;
    for (auto& [index, known] : links_) {
        const bool was_dead = !known || why_dead(*known);
        known = network_.link(index);
        if (was_dead && known && !why_dead(*known)) returned = true;
    }
    // A cable that was out, a bond that changed its leg: the neighbours' switches start anew.
    if (returned) policy_.announce_again(now());
}

void Announcer::hear(const Heard& heard) {
    const auto& claim = heard.claim;
    const auto* over = link(heard.link);
    if (!over || claim.mac == over->mac) return;
    if (std::find(addresses_.begin(), addresses_.end(), claim.address) != addresses_.end()) {
        // On one of our own other interfaces in the same network the kernel answers, too.
        if (!network_.has(claim.mac)) policy_.heard(claim.address, claim.mac, now());
        return;
    }
    hear_gateway(heard, *over);
}

// The first answer of a gateway, or the first from another place (a router pair that changed over):
// it is told of all addresses at once.
void Announcer::hear_gateway(const Heard& heard, const Link& over) {
    const auto& claim = heard.claim;
    const auto known = gateways_of_.find({heard.link, claim.address.v6});
    if (known == gateways_of_.end()) return;
    const auto gateway =
        std::find_if(known->second.begin(), known->second.end(),
                     [&](const Gateway& one) { return one.address == claim.address; });
    if (gateway == known->second.end() || gateway->mac == claim.mac) return;
    gateway->mac = told_[{heard.link, claim.address}] = claim.mac;
    for (const auto& held : held_)
        if (held.link == heard.link && held.address.v6 == claim.address.v6)
            speak_to(*gateway, held, over);
}

void Announcer::show_rivals() {
    auto rivals = policy_.rivals();
    if (rivals == rivals_) return;
    std::string content;
    for (const auto& [address, mac] : rivals) {
        content += cat(text_of(address), '@', text_of(mac), '\n');
        if (!rivals_.contains(address))
            log::warning("another host has ", text_of(address), ", too: ", text_of(mac));
    }
    for (const auto& [address, mac] : rivals_)
        if (!rivals.contains(address))
            log::info("the other owner of ", text_of(address), " is silent: ", text_of(mac));
    replace_file(rivals_file_, content, Durability::none);
    rivals_ = std::move(rivals);
}

void Announcer::say_announced() {
    said_ = true;
    constexpr std::string_view word = "announced\n";
    [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, word.data(), word.size());
    const Fd nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
    ::dup2(nowhere.get(), STDOUT_FILENO);
    ::dup2(nowhere.get(), STDERR_FILENO);
}

const Link* Announcer::link(int index) {
    auto found = links_.find(index);
    if (found == links_.end()) found = links_.emplace(index, network_.link(index)).first;
    return found->second ? &*found->second : nullptr;
}

const std::vector<Gateway>& Announcer::gateways_of(const Held& held) {
    const std::pair key{held.link, held.address.v6};
    const auto found = gateways_of_.find(key);
    if (found != gateways_of_.end()) return found->second;
    auto& gateways = gateways_of_[key];
    for (const auto& address : gateways_on(network_, gateways_, held.link, key.second, held_)) {
        auto mac = network_.neighbour(held.link, address);
        const auto told = told_.find({held.link, address});
        if (!mac && told != told_.end()) mac = told->second;
        gateways.push_back({address, mac});
    }
    return gateways;
}

}  // namespace

int announce(const Config& config, const Call& call) {
    [[maybe_unused]] const int away = ::chdir("/");
    ::prctl(PR_SET_NAME, "duet-vip");
    try {
        Announcer(config, call).run();
        return 0;
    } catch (const std::exception& error) {
        log::error("the announcer ends: ", error.what());
        const auto words = cat(error.what(), '\n');
        [[maybe_unused]] const auto written =
            ::write(STDERR_FILENO, words.data(), words.size());
        return 1;
    }
}

}  // namespace duet::vip
