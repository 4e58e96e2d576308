// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses on links that stand on another one, and addresses that IPaddr2 put there.
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vip_fixture.hpp"

namespace duet::test {

namespace {

// == VLANs, bridges and bonds

struct Upper {
    const char* type;
    const char* make;   // ip's words that put the link `upper` on eth5
    const char* place;  // where the far end has its address
};

void PrintTo(const Upper& upper, std::ostream* out) { *out << upper.type; }

constexpr auto far_end = "far-end";

class VipOver : public Vip, public testing::WithParamInterface<Upper> {
  protected:
    void SetUp() override {
        Vip::SetUp();
        ip("", cat("netns add ", far_end));
        ip("", cat("link add eth5 type veth peer name eth0 netns ", far_end));
        ip(far_end, "link set eth0 up");
        possible_ = make();
        if (!possible_) GTEST_SKIP() << "this kernel has no " << GetParam().type;
        for (const auto* nic : {"eth5", "upper"}) ip("", cat("link set ", nic, " up"));
        ip("", "addr add 198.51.100.1/24 dev upper");
        ip(far_end, cat("addr add 198.51.100.2/24 dev ", GetParam().place));
    }
    void TearDown() override {
        if (possible_) {
            expect(Exit::success, call_("stop"));
            ip("", "link del upper");
        }
        ip("", "link del eth5");
        ip("", cat("netns del ", far_end));
        Vip::TearDown();
    }
    bool make() {
        // The far end of a VLAN must be in it, too.
        const auto command =
            std::string(GetParam().type) == "vlan"
                ? cat(GetParam().make, " && ip -n ", far_end,
                      " link add link eth0 name tagged type vlan id 17 && ip -n ", far_end,
                      " link set tagged up")
                : std::string(GetParam().make);
        try {
            must({"sh", "-c", command});
            return true;
        } catch (const std::exception&) {
            return false;
        }
    }
    bool possible_ = false;
};

TEST_P(VipOver, IsFoundHeldAndWatched) {
    const auto call = with("addresses", "198.51.100.10/24");
    expect(Exit::success, call("start"));
    EXPECT_TRUE(has(held("198.51.100.10"), "upper"));
    must({"ip", "netns", "exec", far_end, "ping", "-c1", "-W2", "198.51.100.10"});
    expect(Exit::success, call.monitor());
    ip(far_end, "link set eth0 down");
    const auto patience = Deadline::after(Milliseconds(5'000));
    Ended ended;
    do {
        ended = call.monitor();
        ::usleep(20'000);
    } while (ended.exit_code == 0 && !patience.expired());
    expect(Exit::generic, ended);
    EXPECT_TRUE(has(reason(ended), "'upper'"));
    expect(Exit::success, call("stop"));
    EXPECT_EQ("", held("198.51.100.10"));
}

INSTANTIATE_TEST_SUITE_P(
    Links, VipOver,
    testing::Values(
        Upper{"bridge", "ip link add upper type bridge && ip link set eth5 master upper", "eth0"},
        Upper{"vlan", "ip link add link eth5 name upper type vlan id 17", "tagged"},
        Upper{"bond",
              "ip link add upper type bond mode active-backup miimon 50 && "
              "ip link set eth5 master upper",
              "eth0"}),
    [](const auto& row) { return std::string(row.param.type); });

// == from IPaddr2

// Every address that leaves this server from this moment on, however soon it is back.
class Departures {
  public:
    Departures() : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) {
        sockaddr_nl address{};
        address.nl_family = AF_NETLINK;
        address.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
        if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw_errno("listen for changes of addresses");
    }
    int count() {
        alignas(nlmsghdr) char buffer[32768];
        for (;;) {
            auto length = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
            if (length <= 0) return count_;
            auto* message = reinterpret_cast<nlmsghdr*>(buffer);
            for (; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length))
                count_ += message->nlmsg_type == RTM_DELADDR;
        }
    }

  private:
    Fd socket_;
    int count_ = 0;
};

constexpr auto other_agent = "/usr/lib/ocf/resource.d/heartbeat/IPaddr2";

AgentCall other(const std::string& address, const std::string& prefix) {
    AgentCall call;
    call.program = other_agent;
    call.instance = "web-ip";
    call.parameters = {{"ip", address}, {"cidr_netmask", prefix}, {"nic", "eth0"}};
    call.environment = {"OCF_ROOT=/usr/lib/ocf", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    return call;
}

// The steps of vip.notes: a probe in maintenance mode, start afterwards.
TEST_F(Vip, AdoptsTheAddressesOfIPaddr2WithoutDroppingOne) {
    if (::access(other_agent, X_OK) != 0) GTEST_SKIP() << "ocf:heartbeat:IPaddr2 is not installed";
    expect(Exit::success, other("192.0.2.10", "24")("start"));
    expect(Exit::success, other("2001:db8::10", "64")("start"));
    ASSERT_TRUE(has(held("192.0.2.10"), "192.0.2.10/24"));
    ASSERT_TRUE(has(held("2001:db8::10"), "2001:db8::10/64"));
    Departures departures;
    expect(Exit::success, call_("monitor"));
    expect(Exit::success, call_.monitor());
    EXPECT_TRUE(announcer()) << "the first monitor that is no probe announces";
    expect(Exit::success, call_("start"));
    expect(Exit::success, call_.monitor());
    EXPECT_EQ(0, departures.count());
    expect(Exit::success, call_("stop"));
    EXPECT_EQ(2, departures.count());
    EXPECT_EQ("", held("192.0.2.10") + held("2001:db8::10"));
    expect(Exit::not_running, other("192.0.2.10", "24")("monitor"));
}

}  // namespace

}  // namespace duet::test
