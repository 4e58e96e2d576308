// SPDX-License-Identifier: GPL-2.0-or-later
// From wherever promote and the monitors find a server, their steps lead to an end, and on no road
// is a step taken that could lose data. R, P and V are the numbers of the protocol's rules.
#include <gtest/gtest.h>

#include <functional>

#include "mysql_standing.hpp"

namespace duet::mysql {

namespace {

using namespace std::chrono_literals;

Grant grant_of(int epoch, const char* life) {
    Grant grant;
    grant.epoch = epoch;
    grant.life = life;
    grant.sequence = "s";
    return grant;
}

// Every view that differs in the given fields: bit i of `number` is field i.
template <typename View>
void set_bits(View& view, unsigned number, std::initializer_list<bool View::*> fields) {
    for (auto field : fields) {
        view.*field = number & 1;
        number >>= 1;
    }
}

// ---- promote ------------------------------------------------------------------------------------

Standing granted_standing() {
    Standing standing;
    standing.own = 2;
    standing.claim = Claim{3, true};
    standing.grant = grant_of(3, "L");
    standing.life = "L";
    return standing;
}

Standing last_standing() {
    auto standing = granted_standing();
    standing.own = 4;
    standing.grant.reset();
    return standing;
}

// The step succeeds; what was waited for comes.
void take(PromoteStep step, PromoteView& view) {
    switch (step) {
        case PromoteStep::announce: view.announced = true; break;
        case PromoteStep::wait_for_peer: view.waited_for_peer = true; break;
        case PromoteStep::catch_up: view.behind_peer = false; break;
        case PromoteStep::stop_receiver: view.receiver_runs = false; break;
        case PromoteStep::start_applier: view.applier_runs = true; break;
        case PromoteStep::drain: view.backlog = false; break;
        case PromoteStep::stop_applier: view.applier_runs = false; break;
        case PromoteStep::revoke: view.consented = true; break;
        case PromoteStep::write_epoch:
            view.standing.own = next_epoch(view.standing.own.number, view.standing.known(), 0, 2);
            view.epoch_written = true;
            break;
        case PromoteStep::publish_epoch: view.epoch_published = true; break;
        case PromoteStep::wait_on: view.waiting = true; break;
        case PromoteStep::open: view.open = true; break;
        case PromoteStep::refuse:
        case PromoteStep::done: break;
    }
}

void check(PromoteStep step, const PromoteView& view) {
    if (step == PromoteStep::start_applier) {
        EXPECT_TRUE(view.receiver_runs) << "alone it throws away what was received (MysqlPair)";
    }
    if (step == PromoteStep::drain) {
        EXPECT_TRUE(view.applier_runs) << "nobody else empties it";
    }
    if (step == PromoteStep::write_epoch) {
        EXPECT_TRUE(view.announced) << "R2.1";
        EXPECT_FALSE(view.behind_peer) << "R2.2";
        EXPECT_FALSE(view.receiver_runs) << "R2.3";
        if (!is_by_force(view.standing, view.durability)) {
            EXPECT_FALSE(view.backlog || view.applier_failed) << "R2.4, V11";
        }
        EXPECT_TRUE(view.consented) << "R2.5";
        EXPECT_TRUE(is_promotable(view.standing, view.durability));
    }
    if (step == PromoteStep::open) {
        EXPECT_TRUE(view.epoch_written && view.epoch_published && view.waiting) << "R2.6, R2.7";
    }
    if (step == PromoteStep::revoke || step == PromoteStep::wait_on) {
        EXPECT_FALSE(view.receiver_runs) << "in the order of R2";
        if (!is_by_force(view.standing, view.durability)) {
            EXPECT_FALSE(view.backlog) << "in the order of R2";
        }
    }
}

PromoteStep travel(PromoteView view, const std::function<void(int, PromoteView&)>& meanwhile) {
    for (int turn = 0; turn < 12; ++turn) {
        const auto step = toward_promoted(view);
        check(step, view);
        if (step == PromoteStep::done || step == PromoteStep::refuse) {
            if (step == PromoteStep::refuse) {
                EXPECT_NE("", why_refused(view));
            }
            return step;
        }
        take(step, view);
        meanwhile(turn, view);
    }
    ADD_FAILURE() << "no end in sight";
    return PromoteStep::refuse;
}

constexpr auto nothing = [](int, PromoteView&) {};

TEST(Promote, EveryRoadEnds) {
    int done = 0, refused = 0;
    for (const auto& standing : {granted_standing(), last_standing(), Standing{}})
        for (unsigned number = 0; number < 1u << 12; ++number) {
            PromoteView view;
            view.standing = standing;
            set_bits(view, number,
                     {&PromoteView::announced, &PromoteView::peer_starting,
                      &PromoteView::waited_for_peer, &PromoteView::behind_peer,
                      &PromoteView::gave_up_catching_up, &PromoteView::receiver_runs,
                      &PromoteView::applier_failed, &PromoteView::backlog,
                      &PromoteView::consented, &PromoteView::waiting, &PromoteView::open,
                      &PromoteView::applier_runs});
            (travel(view, nothing) == PromoteStep::done ? done : refused) += 1;
            if (testing::Test::HasFailure()) return;
        }
    EXPECT_GT(done, 500);
    EXPECT_GT(refused, 4096) << "nobody without a grant and not last";
}

TEST(Promote, GoesThroughTheRulesInTheirOrder) {
    PromoteView view;
    view.standing = granted_standing();
    view.behind_peer = view.receiver_runs = view.backlog = true;
    const std::vector<PromoteStep> order = {
        PromoteStep::announce,      PromoteStep::catch_up,      PromoteStep::start_applier,
        PromoteStep::stop_receiver, PromoteStep::drain,         PromoteStep::stop_applier,
        PromoteStep::revoke,        PromoteStep::write_epoch,   PromoteStep::publish_epoch,
        PromoteStep::wait_on,       PromoteStep::open,          PromoteStep::done};
    for (const auto expected : order) {
        ASSERT_EQ(expected, toward_promoted(view));
        take(expected, view);
    }
}

TEST(Promote, AGrantThatIsRevokedOnTheWayEndsIt) {
    PromoteView view;
    view.standing = granted_standing();
    view.receiver_runs = view.backlog = true;
    for (int when = 0; when < 4; ++when)
        EXPECT_EQ(PromoteStep::refuse, travel(view, [&](int turn, PromoteView& now) {
                      if (turn == when) now.standing.grant = revoked("x");
                  })) << "after step " << when;
}

TEST(Promote, AHigherEpochOfTheOtherEndsItEvenAfterTheEpochIsWritten) {
    PromoteView view;
    view.standing = last_standing();
    for (int when = 0; when < 5; ++when)
        EXPECT_EQ(PromoteStep::refuse, travel(view, [&](int turn, PromoteView& now) {
                      if (turn == when) now.standing.claim = Claim{9, true};
                  })) << "after step " << when;
}

TEST(Promote, TheLastActiveComingUpIsGivenItsMomentThenTheRole) {
    PromoteView view;
    view.standing = granted_standing();
    view.announced = view.peer_starting = true;
    EXPECT_EQ(PromoteStep::wait_for_peer, toward_promoted(view));
    view.waited_for_peer = true;
    EXPECT_EQ(PromoteStep::refuse, toward_promoted(view));
    EXPECT_NE(std::string::npos, why_refused(view).find("coming up"));
}

// ---- the active's monitor -----------------------------------------------------------------------

ActiveView active_view(unsigned number, int mine, int theirs) {
    const std::optional<Grant> grants[] = {std::nullopt, grant_of(4, "L"), grant_of(4, "old"),
                                           revoked("A")};
    ActiveView view;
    view.own = 4;
    view.known = 3;
    set_bits(view, number,
             {&ActiveView::waiting, &ActiveView::standby_connected, &ActiveView::standby_leaving,
              &ActiveView::peer_member, &ActiveView::peer_certified, &ActiveView::peer_claimed,
              &ActiveView::peer_promoting, &ActiveView::granted_since_promotion});
    view.standby_silent = number & 1 << 8 ? 2000ms : 1999ms;
    view.peer_life = number & 1 << 9 ? "L" : "";
    view.revocation = number & 1 << 10 ? "A" : "";
    view.marked_life = number & 1 << 11 ? "L" : "";
    view.grant = grants[mine];
    view.peers_copy = grants[theirs];
    return view;
}

void for_each_active(const std::function<void(const ActiveView&)>& look) {
    for (unsigned number = 0; number < 1u << 12; ++number)
        for (int mine = 0; mine < 4; ++mine)
            for (int theirs = 0; theirs < 4; ++theirs) {
                look(active_view(number, mine, theirs));
                if (testing::Test::HasFailure()) return;
            }
}

bool shows(const std::optional<Grant>& grant, const std::string& sequence) {
    return grant && grant->revoked && grant->sequence == sequence;
}

TEST(Active, GoesSoloOnlyAfterARevocationThatCounts) {
    int solo = 0;
    for_each_active([&](const ActiveView& view) {
        if (toward_safety(view, {}) != ActiveStep::go_solo) return;
        ++solo;
        EXPECT_TRUE(view.waiting);
        if (!view.peer_member) {
            EXPECT_TRUE(view.peer_certified || !view.granted_since_promotion) << "P5, V3";
        } else {
            EXPECT_TRUE(shows(view.grant, view.revocation) && !view.revocation.empty()) << "V9";
            EXPECT_TRUE(shows(view.peers_copy, view.revocation)) << "P6, V4";
            EXPECT_TRUE(view.peer_claimed) << "V13";
            EXPECT_FALSE(view.peer_promoting) << "P6";
        }
    });
    EXPECT_GT(solo, 0);
}

TEST(Active, GrantsOnlyAfterAMarkerOfThisLifeWhileWaiting) {
    int given = 0;
    for_each_active([&](const ActiveView& view) {
        const auto step = toward_safety(view, {});
        if (step == ActiveStep::mark) {
            EXPECT_TRUE(view.waiting && view.standby_connected) << "R5.2";
        }
        if (step != ActiveStep::grant) return;
        ++given;
        EXPECT_TRUE(view.waiting && view.standby_connected) << "R5, V12";
        EXPECT_EQ(view.peer_life, view.marked_life) << "R5.5";
        EXPECT_TRUE(view.peer_member && !view.peer_life.empty() && !view.standby_leaving);
    });
    EXPECT_GT(given, 0);
}

TEST(Active, IsPatientWithAStandbyThatWasSilentForLess) {
    for_each_active([](const ActiveView& view) {
        if (view.standby_leaving || !view.peer_member || view.standby_silent >= 2000ms) return;
        const auto step = toward_safety(view, {});
        EXPECT_TRUE(step != ActiveStep::revoke && step != ActiveStep::go_solo);
    });
}

TEST(Active, ALostNodeThatMayStillBePromotedKeepsCommitsWaiting) {
    for_each_active([](const ActiveView& view) {
        if (view.peer_member || view.peer_certified || !view.granted_since_promotion) return;
        EXPECT_EQ(ActiveStep::none, toward_safety(view, {}));
    });
}

TEST(Active, ASupersededServerEndsWhateverElseIsTrue) {
    for_each_active([](ActiveView view) {
        view.known = 5;
        EXPECT_EQ(ActiveStep::step_down, toward_safety(view, {})) << "V16";
    });
}

TEST(Active, ACertifiedDeathNeedsNoPatience) {
    auto view = active_view(0, 1, 0);
    view.waiting = view.peer_certified = view.granted_since_promotion = true;
    view.standby_silent = 0ms;
    EXPECT_EQ(ActiveStep::go_solo, toward_safety(view, {}));
    view.standby_connected = true;
    EXPECT_EQ(ActiveStep::go_solo, toward_safety(view, {})) << "a connection to a dead host";
}

TEST(Active, AGrantOfAnotherEpochOrLifeIsNoneAndNoSequenceIsNoRevocation) {
    auto view = active_view(1 << 9, 1, 3);
    EXPECT_TRUE(holds_valid_grant(view));
    view.grant = grant_of(2, "L");
    EXPECT_FALSE(holds_valid_grant(view));
    view.grant = grant_of(4, "old");
    EXPECT_FALSE(holds_valid_grant(view));
    view.peer_member = view.peer_claimed = true;
    view.grant = view.peers_copy = revoked("");
    EXPECT_FALSE(is_revoked(view));
}

TEST(Active, AsyncNeverWaits) {
    for_each_active([](ActiveView view) {
        view.durability = Durability::async;
        EXPECT_EQ(view.waiting ? ActiveStep::go_solo : ActiveStep::none, toward_safety(view, {}));
    });
}

void take(ActiveStep step, ActiveView& view) {
    switch (step) {
        case ActiveStep::revoke:
            view.grant = revoked("B");
            view.revocation = "B";
            break;
        case ActiveStep::await_revocation:
            // It arrives, or is written anew.
            view.grant = view.peers_copy = revoked(view.revocation);
            view.peer_claimed = true;
            view.peer_promoting = false;
            break;
        case ActiveStep::go_solo: view.waiting = false; break;
        case ActiveStep::wait_again: view.waiting = true; break;
        case ActiveStep::mark: view.marked_life = view.peer_life; break;
        case ActiveStep::settle_force: view.forced = false; break;
        case ActiveStep::grant: view.grant = grant_of(view.own, view.peer_life.c_str()); break;
        case ActiveStep::none:
        case ActiveStep::step_down: break;
    }
}

TEST(Active, EveryRoadEndsSoloOrGrantedOrWaitingForFencing) {
    for_each_active([](ActiveView view) {
        int turn = 0;
        for (auto step = toward_safety(view, {}); step != ActiveStep::none;
             step = toward_safety(view, {})) {
            take(step, view);
            ASSERT_LT(++turn, 7);
        }
        if (view.standby_connected && view.peer_member && !view.standby_leaving &&
            view.peer_life == "L") {
            EXPECT_TRUE(view.waiting && holds_valid_grant(view));
        }
        if (view.standby_leaving && (view.peer_member || view.peer_certified)) {
            EXPECT_FALSE(view.waiting);
        }
    });
}

TEST(Active, APersonsWordIsOverBeforeTheStandbyIsGranted) {
    int settled = 0;
    for_each_active([&](ActiveView view) {
        view.forced = true;
        const auto step = toward_safety(view, {});
        EXPECT_NE(ActiveStep::grant, step);
        if (step != ActiveStep::settle_force) return;
        ++settled;
        view.forced = false;
        EXPECT_EQ(ActiveStep::grant, toward_safety(view, {}));
    });
    EXPECT_GT(settled, 0);
}

TEST(Handover, GrantsInTheActivesOrderAndNeverRevokes) {
    int given = 0;
    for_each_active([&](const ActiveView& view) {
        const auto step = toward_handover(view);
        EXPECT_TRUE(step == ActiveStep::none || step == ActiveStep::wait_again ||
                    step == ActiveStep::mark || step == ActiveStep::grant);
        if (step != ActiveStep::grant) return;
        ++given;
        EXPECT_TRUE(view.own > view.known && view.waiting && view.standby_connected);
        EXPECT_TRUE(view.peer_member && view.peer_life == view.marked_life &&
                    !view.peer_life.empty());
    });
    EXPECT_GT(given, 0);
}

TEST(Handover, IsOfALastServerOnly) {
    for_each_active([](ActiveView view) {
        view.known = view.own;
        EXPECT_EQ(ActiveStep::none, toward_handover(view));
        view.known = 0;
        view.durability = Durability::async;
        EXPECT_EQ(ActiveStep::none, toward_handover(view));
    });
}

// ---- the standby's monitor ----------------------------------------------------------------------

void take(StandbyStep step, StandbyView& view) {
    switch (step) {
        case StandbyStep::close: view.open = false; break;
        case StandbyStep::source_off: view.semi_sync_source = false; break;
        case StandbyStep::replica_on: view.semi_sync_replica = true; break;
        case StandbyStep::configure_channel:
        case StandbyStep::start_receiver:
            view.channel_right = view.applier_runs = true;
            view.receiver = Receiver::connecting;
            break;
        // The receiver's thread alone: the applier goes on.
        case StandbyStep::stop_receiver: view.receiver = Receiver::stopped; break;
        case StandbyStep::start_applier: view.applier_runs = true; break;
        case StandbyStep::none:
        case StandbyStep::refuse_foreign: break;
    }
}

TEST(Standby, EveryRoadEndsClosedAndFollowingWhoeverSupersedes) {
    for (unsigned number = 0; number < 3u << 9; ++number) {
        StandbyView view;
        set_bits(view, number,
                 {&StandbyView::superseded, &StandbyView::open, &StandbyView::semi_sync_source,
                  &StandbyView::semi_sync_replica, &StandbyView::channel_right,
                  &StandbyView::channel_foreign, &StandbyView::receiver_failed,
                  &StandbyView::applier_runs, &StandbyView::applier_failed});
        view.receiver = Receiver(number >> 9);
        int turn = 0;
        auto step = toward_standby(view);
        for (; step != StandbyStep::none && step != StandbyStep::refuse_foreign;
             step = toward_standby(view)) {
            take(step, view);
            ASSERT_LT(++turn, 8) << "from " << number << " step " << int(step);
        }
        EXPECT_TRUE(!view.open && !view.semi_sync_source && view.semi_sync_replica);
        EXPECT_EQ(view.channel_foreign, step == StandbyStep::refuse_foreign);
        if (view.channel_foreign) continue;
        if (view.superseded && (view.receiver_failed || view.applier_failed)) {
            EXPECT_EQ(Receiver(number >> 9), view.receiver) << "left as it failed, to be seen";
        }
        if (!view.superseded) {
            EXPECT_EQ(Receiver::stopped, view.receiver) << "R8, V14";
        } else if (!view.receiver_failed && !view.applier_failed) {
            EXPECT_TRUE(view.receiver != Receiver::stopped && view.applier_runs &&
                        view.channel_right);
        }
    }
}

}  // namespace

}  // namespace duet::mysql
