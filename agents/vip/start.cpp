// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>
#include <system_error>

#include "actions.hpp"
#include "announcer.hpp"
#include "log.hpp"
#include "neighbours.hpp"
#include "places.hpp"
#include "record.hpp"
#include "secondaries.hpp"
#include "text.hpp"

namespace duet::vip {

namespace {

constexpr Milliseconds refusal_patience{200};
// Each turn looks again after it acted; more are needed only while somebody works against us.
constexpr int most_turns = 3;

std::string describe(const Want& want, const Places& places) {
    return cat(text_of(want.address), '/', want.prefix, " on '",
               places.links.at(want.link).name, "'");
}

Failure why_not_added(const Want& want, const Places& places, const std::system_error& error) {
    const auto& name = places.links.at(want.link).name;
    // The only reason for which root is denied an address.
    if (want.address.v6 && error.code().value() == EACCES)
        return Failure(Exit::args, cat("could not add ", describe(want, places),
                                       ": IPv6 is switched off there (net.ipv6.conf.", name,
                                       ".disable_ipv6)"));
    const bool denied = error.code() == std::errc::operation_not_permitted ||
                        error.code() == std::errc::permission_denied;
    return Failure(denied ? Exit::permission : Exit::generic,
                   cat("could not add ", describe(want, places), ": ",
                       error.code().message()));
}

// All or nothing: gives back what it took unless it is told to keep it.
class Taken {
  public:
    explicit Taken(Network& network) : network_(network) {}
    Taken(const Taken&) = delete;
    Taken& operator=(const Taken&) = delete;
    ~Taken() {
        for (const auto& want : taken_) try {
                network_.remove({want.address, want.prefix, want.link});
            } catch (const std::system_error& error) {
                log::error("could not give back ", text_of(want.address), ": ", error.what());
            }
    }
    void add(const Want& want, Source source) {
        network_.add(want, source);
        taken_.push_back(want);
    }
    void keep() { taken_.clear(); }

  private:
    Network& network_;
    std::vector<Want> taken_;
};

void require(const Places& places, const Config& config) {
    std::vector<std::string> sentences;
    for (const auto& [entry, what] : places.missing) sentences.push_back(cat(entry, ": ", what));
    // Only this server lacks it, so the service can go to another.
    if (!sentences.empty()) throw Failure(Exit::args, join(sentences, "; "));
    if (!config.check_link) return;
    sentences = places.dead_links();
    if (!sentences.empty()) throw Failure(Exit::generic, join(sentences, "; "));
}

void refuse_if_owned(Network& network, const std::vector<Want>& wants, const Call& call) {
    const auto owners = other_owners(network, wants, call.deadline.at_most(refusal_patience));
    std::vector<std::string> sentences;
    for (const auto& claim : owners)
        sentences.push_back(
            cat("another host has ", text_of(claim.address), ": ", text_of(claim.mac)));
    if (!sentences.empty()) throw Failure(Exit::generic, join(sentences, "; "));
}

// What is still to be done after `most_turns`.
Plan take(const Config& config, const Call& call, const Places& places, Network& network,
          std::vector<Held> held, Taken& taken) {
    const auto source = config.source_address ? Source::normal : Source::avoided;
    auto plan = toward_held(places.wants, held);
    for (int turn = 0; !plan.done() && turn < most_turns; ++turn) {
        for (const auto& wrong : plan.remove)
            log::info("removing ", text_of(wrong.address), '/', wrong.prefix, " from interface ",
                      wrong.link, ", where it should not be");
        remove_alone(network, plan.remove, held, call);
        for (const auto& want : plan.add) try {
                taken.add(want, source);
            } catch (const std::system_error& error) {
                throw why_not_added(want, places, error);
            }
        held = network.addresses();
        plan = toward_held(places.wants, held);
    }
    return plan;
}

}  // namespace

Exit start(const Config& config, const Call& call) {
    Network network;
    const auto held = network.addresses();
    const auto places = choose_places(config, call, network, held);
    require(places, config);
    const auto missing = toward_held(places.wants, held).add;
    if (config.conflict == "refuse" && !missing.empty())
        refuse_if_owned(network, missing, call);
    auto noted = recorded(call);
    noted.insert(noted.end(), places.wants.begin(), places.wants.end());
    record(call, noted);
    Taken taken(network);
    const auto left = take(config, call, places, network, held, taken);
    if (!left.done())
        throw Failure(Exit::generic,
                      cat("somebody removes ", left.add.empty() ? "or moves the addresses"
                                                                : describe(left.add[0], places),
                          " as soon as it is there"));
    if (!find_announcer(call)) start_announcer(call);
    taken.keep();
    record(call, places.wants);
    for (const auto& want : missing) log::info("took ", describe(want, places));
    return Exit::success;
}

}  // namespace duet::vip
