// SPDX-License-Identifier: GPL-2.0-or-later
// The packets of the vip agent, byte by byte as the standards have them.
#include "frame.hpp"

#include <gtest/gtest.h>

#include <random>

namespace duet::vip {

namespace {

using Bytes = std::vector<std::uint8_t>;

const Address v4 = *parse_address("192.0.2.10"), gateway4 = *parse_address("192.0.2.1"),
              v6 = *parse_address("2001:db8::a"), gateway6 = *parse_address("2001:db8::1");
const Mac mac{2, 0, 0, 0, 0, 10}, gateway_mac{2, 0, 0, 0, 0, 1};

// RFC 1071 over the pseudo header and the message: 0 when the checksum in it is right.
std::uint16_t sum_of(const Bytes& packet) {
    Bytes bytes(packet.begin() + 8, packet.begin() + 40);
    const auto size = packet.size() - 40;
    bytes.insert(bytes.end(), {0, 0, std::uint8_t(size >> 8), std::uint8_t(size), 0, 0, 0, 58});
    bytes.insert(bytes.end(), packet.begin() + 40, packet.end());
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at + 1 < bytes.size(); at += 2)
        sum += std::uint32_t(bytes[at] << 8 | bytes[at + 1]);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return std::uint16_t(~sum);
}

TEST(Announcement, OfIPv4IsRequestAndReplyToEverybody) {
    const auto frames = announcement(v4, mac);
    ASSERT_EQ(2u, frames.size());
    EXPECT_EQ((Bytes{0, 1, 8, 0, 6, 4,  0,   1,  // request
                     2, 0, 0, 0, 0, 10, 192, 0, 2, 10, 0, 0, 0, 0, 0, 0, 192, 0, 2, 10}),
              frames[0].bytes);
    // Some devices want the broadcast address as the target of a reply.
    EXPECT_EQ(
        (Bytes{0, 1, 8, 0, 6, 4,  0,   2,  // reply
               2, 0, 0, 0, 0, 10, 192, 0, 2, 10, 255, 255, 255, 255, 255, 255, 192, 0, 2, 10}),
        frames[1].bytes);
    for (const auto& frame : frames) EXPECT_EQ(broadcast_mac, frame.to);
}

TEST(Announcement, OfIPv6IsAnUnsolicitedAdvertisementThatOverrides) {
    const auto frames = announcement(v6, mac);
    ASSERT_EQ(1u, frames.size());
    const auto& bytes = frames[0].bytes;
    ASSERT_EQ(72u, bytes.size());
    EXPECT_EQ((Mac{0x33, 0x33, 0, 0, 0, 1}), frames[0].to);
    EXPECT_EQ(58, bytes[6]);
    EXPECT_EQ(255, bytes[7]) << "other hop limits are dropped by all receivers";
    EXPECT_EQ(136, bytes[40]);
    EXPECT_EQ(0x20, bytes[44]) << "override alone: neither solicited nor a router";
    EXPECT_EQ((Bytes{2, 1, 2, 0, 0, 0, 0, 10}), Bytes(bytes.end() - 8, bytes.end()));
    EXPECT_EQ(0, sum_of(bytes));
}

TEST(Announcement, ToAGatewayIsForItAlone) {
    // What Linux takes for gratuitous: the same address and hardware address on both sides.
    EXPECT_EQ((Bytes{0,   1, 8, 0,  6, 4, 0, 2, 2, 0,  0,   0, 0, 10,
                     192, 0, 2, 10, 2, 0, 0, 0, 0, 10, 192, 0, 2, 10}),
              announcement_to({gateway4, gateway_mac}, v4, mac).back().bytes);
    for (const auto& frame : announcement_to({gateway4, gateway_mac}, v4, mac)) {
        EXPECT_EQ(gateway_mac, frame.to);
        EXPECT_EQ(2, frame.bytes[7]) << "reply";
    }
    const auto advertisement = announcement_to({gateway6, gateway_mac}, v6, mac);
    ASSERT_EQ(1u, advertisement.size());
    EXPECT_EQ(gateway_mac, advertisement[0].to);
    EXPECT_EQ(0, sum_of(advertisement[0].bytes));
}

TEST(Questions, GoToEverybodyUntilTheAnswererIsKnown) {
    EXPECT_EQ(broadcast_mac, question(gateway4, v4, mac, std::nullopt).to);
    EXPECT_EQ(gateway_mac, question(gateway4, v4, mac, gateway_mac).to);
    EXPECT_EQ((Mac{0x33, 0x33, 0xff, 0, 0, 1}), question(gateway6, v6, mac, std::nullopt).to);
    EXPECT_EQ(0, sum_of(question(gateway6, v6, mac, std::nullopt).bytes));
    EXPECT_EQ(0, sum_of(question(gateway6, v6, mac, gateway_mac).bytes));
}

// RFC 5227 and RFC 4862: whoever hears a probe must not learn from it.
TEST(Probes, ClaimNothing) {
    for (const auto& address : {v4, v6}) {
        const auto frame = probe(address, mac);
        EXPECT_FALSE(read_claim(frame.v6, frame.bytes, mac)) << text_of(address);
    }
    EXPECT_EQ(0, sum_of(probe(v6, mac).bytes));
}

TEST(Claims, AreReadFromWhatWeSayOurselves) {
    for (const auto& address : {v4, v6})
        for (const auto& frame : announcement(address, mac)) {
            const auto claim = read_claim(frame.v6, frame.bytes, gateway_mac);
            ASSERT_TRUE(claim);
            EXPECT_EQ(address, claim->address);
            EXPECT_EQ(mac, claim->mac) << "what the packet says, not who forwarded it";
        }
    const auto asked = question(gateway6, v6, mac, std::nullopt);
    const auto claim = read_claim(true, asked.bytes, gateway_mac);
    ASSERT_TRUE(claim);
    EXPECT_EQ(v6, claim->address) << "who asks says where it is";
}

TEST(Claims, AreNotReadFromOtherPackets) {
    auto broken = announcement(v4, mac)[0].bytes;
    broken[7] = 3;  // RARP
    EXPECT_FALSE(read_claim(false, broken, mac));
    auto from_afar = announcement(v6, mac)[0].bytes;
    from_afar[7] = 64;
    EXPECT_FALSE(read_claim(true, from_afar, mac)) << "it has passed a router";
}

// Whatever comes over the wire: nothing is read beyond its end (run with sanitizers to see it).
TEST(Claims, SurviveEveryLengthAndAnyBytes) {
    std::mt19937 random(1);
    for (const auto& address : {v4, v6})
        for (const auto& frame : announcement(address, mac)) {
            for (std::size_t size = 0; size < frame.bytes.size(); ++size) {
                const Bytes part(frame.bytes.begin(), frame.bytes.begin() + std::ptrdiff_t(size));
                const auto claim = read_claim(frame.v6, part, mac);
                EXPECT_FALSE(claim && !frame.v6) << size;
            }
            for (int turn = 0; turn < 2000; ++turn) {
                auto bytes = frame.bytes;
                for (int change = 0; change < 4; ++change)
                    bytes[random() % bytes.size()] = std::uint8_t(random());
                bytes.resize(random() % (bytes.size() + 1));
                read_claim(frame.v6, bytes, mac);
            }
        }
}

}  // namespace

}  // namespace duet::vip
