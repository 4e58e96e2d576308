// SPDX-License-Identifier: GPL-2.0-or-later
// When a holder of addresses speaks: the clock is moved by hand.
#include <gtest/gtest.h>

#include "announcement_policy.hpp"

namespace duet::vip {

namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

const Address vip = *parse_address("192.0.2.10"), other = *parse_address("192.0.2.20"),
              stranger = *parse_address("192.0.2.99");
const Mac rival{2, 0, 0, 0, 0, 9};

struct Sent {
    std::vector<std::int64_t> announced, probed;  // when, in milliseconds
};

// A holder of one address that wakes up when it wants to and whenever it hears something.
class Holder {
  public:
    explicit Holder(Milliseconds refresh = 60s) : policy({vip}, refresh, 0ms) {}

    // Lets the time pass until `end`; a rival that answers every probe at once, if there is one.
    void live(Milliseconds end, bool rival_answers = false) {
        while (next() <= end) {
            now = next();
            heard = false;
            policy.woke(now);
            const auto turn = policy.turn(now);
            if (!turn.announce.empty()) sent.announced.push_back(now.count());
            if (!turn.probe.empty()) sent.probed.push_back(now.count());
            if (rival_answers && !turn.probe.empty()) {
                policy.heard(vip, rival, now);
                heard = true;
            }
        }
    }

    // What comes in wakes the holder, and turn() is called at once.
    void hear(const Address& address) {
        policy.heard(address, rival, now);
        heard = true;
    }

    void freeze_until(Milliseconds end) {
        now = end;
        policy.woke(now);
        heard = true;
    }

    void forget_sent() { sent = {}; }

    AnnouncementPolicy policy;
    Sent sent;
    Milliseconds now{0};

  private:
    Milliseconds next() const { return heard ? now : policy.wake_at(); }

    bool heard = false;
};

using Times = std::vector<std::int64_t>;

TEST(Announcements, ComeInGrowingGapsThenAtTheRefresh) {
    Holder holder;
    holder.live(130s);
    EXPECT_EQ((Times{0, 100, 300, 1100, 2200, 5000, 65000, 125000}), holder.sent.announced);
}

TEST(Announcements, EndAfterTheFirstOnesWithoutRefresh) {
    Holder holder(0ms);
    holder.live(300s);
    EXPECT_EQ((Times{0, 100, 300, 1100, 2200, 5000}), holder.sent.announced);
}

TEST(Announcements, BeginAnewWhenALinkHasComeBack) {
    Holder holder;
    holder.live(20s);
    holder.forget_sent();
    holder.policy.announce_again(20'500ms);
    holder.hear(stranger);
    holder.live(26s);
    ASSERT_FALSE(holder.sent.announced.empty());
    EXPECT_EQ(6u, holder.sent.announced.size());
}

TEST(Announcements, AreOfAllAddresses) {
    AnnouncementPolicy policy({other, vip}, 60s, 0ms);
    const auto turn = policy.turn(0ms);
    EXPECT_EQ((std::vector<Address>{vip, other}), turn.announce);
    EXPECT_EQ((std::vector<Address>{vip, other}), turn.probe);
}

TEST(Probes, FindAQuietSecondOwnerWithinFiveSeconds) {
    Holder holder;
    holder.live(20s);
    EXPECT_EQ((Times{0, 5000, 10000, 15000, 20000}), holder.sent.probed);
}

TEST(Rivals, OfOtherAddressesAreNone) {
    Holder holder;
    holder.live(20s);
    holder.forget_sent();
    holder.hear(stranger);
    holder.live(20'900ms);
    EXPECT_TRUE(holder.policy.rivals().empty());
    EXPECT_TRUE(holder.sent.announced.empty());
}

TEST(Rivals, AreAnsweredAtOnceAndNamed) {
    Holder holder;
    holder.live(20s);
    holder.forget_sent();
    holder.hear(vip);
    holder.live(20'100ms);
    EXPECT_EQ((Times{20000}), holder.sent.announced);
    EXPECT_EQ((std::map<Address, Mac>{{vip, rival}}), holder.policy.rivals());
}

TEST(Rivals, AreAskedEverySecondUntilTheyAreSilent) {
    Holder holder;
    holder.live(20s);
    holder.hear(vip);
    holder.live(30s, true);
    EXPECT_FALSE(holder.policy.rivals().empty());
    EXPECT_GE(holder.sent.announced.size(), 6u + 9u);
    holder.live(34s);
    EXPECT_TRUE(holder.policy.rivals().empty());
    holder.forget_sent();
    holder.live(50s);
    EXPECT_TRUE(holder.sent.announced.empty()) << "nothing is left to answer";
}

// Two holders that both insist, each announcement answered at once.
TEST(Rivals, ThatInsistDoNotFloodTheLink) {
    Holder holder;
    holder.live(20s);
    holder.forget_sent();
    for (int answer = 0; answer < 1000; ++answer) {
        holder.hear(vip);
        holder.live(20s + answer * 1ms);
    }
    EXPECT_LE(holder.sent.announced.size(), 7u);
    EXPECT_GE(holder.sent.announced.size(), 5u);
}

TEST(Frozen, ListensBeforeItSpeaks) {
    Holder holder;
    holder.live(20s);
    holder.forget_sent();
    holder.freeze_until(50s);
    holder.live(50'299ms);
    EXPECT_TRUE(holder.sent.announced.empty());
    EXPECT_EQ((Times{50000}), holder.sent.probed);
    holder.live(51s);
    EXPECT_EQ((Times{50300, 50400, 50600}), holder.sent.announced) << "nobody else has it";
}

TEST(Frozen, IsSilentForAsLongAsSomebodyElseAnswers) {
    Holder holder;
    holder.live(20s);
    holder.forget_sent();
    holder.freeze_until(50s);
    holder.live(80s, true);
    EXPECT_TRUE(holder.sent.announced.empty()) << "the other was put there later";
    EXPECT_FALSE(holder.policy.rivals().empty());
    holder.live(85s);
    EXPECT_TRUE(holder.policy.rivals().empty());
    EXPECT_FALSE(holder.sent.announced.empty()) << "nobody told the neighbours of us since";
}

TEST(Frozen, IsNotWhoIsMerelyBusy) {
    Holder holder;
    holder.live(20s);
    holder.forget_sent();
    holder.freeze_until(21'500ms);
    holder.hear(vip);
    holder.live(21'600ms);
    EXPECT_FALSE(holder.sent.announced.empty());
}

}  // namespace

}  // namespace duet::vip
