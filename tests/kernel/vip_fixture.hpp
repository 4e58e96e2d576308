// SPDX-License-Identifier: GPL-2.0-or-later
// One vip resource on the segment, a v4 and a v6 address, stopped after each test.
#pragma once

#include <gtest/gtest.h>

#include "daemon.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "sandbox.hpp"
#include "segment.hpp"
#include "text.hpp"

namespace duet::test {

inline testing::AssertionResult has(const std::string& text, const std::string& part) {
    if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "no '" << part << "' in '" << text << '\'';
}

class Vip : public testing::Test {
  protected:
    void SetUp() override {
        reset_segment();
        replace_file(log_file, "", Durability::none);
        call_.program = built_agent("vip");
        call_.parameters["addresses"] = "192.0.2.10/24 2001:db8::10/64";
        call_.instance = "ip";
        call_.environment = {cat("HA_logfile=", log_file)};
    }
    void TearDown() override { EXPECT_EQ(0, call_("stop").exit_code); }

    AgentCall with(const std::string& parameter, const std::string& value) const {
        auto call = call_;
        call.parameters[parameter] = value;
        return call;
    }

    static void expect(Exit code, const Ended& ended) {
        EXPECT_EQ(int(code), ended.exit_code) << ended.how() << ' ' << ended.err;
    }
    static std::string reason(const Ended& ended) { return join(exit_reasons(ended), " | "); }
    static std::string log() { return read_file(log_file).value_or(""); }
    static std::optional<Process> announcer() { return recall(run_folder + "/announcer"); }

    inline static const std::string run_folder = std::string(DUET_RUNDIR) + "/vip-ip";
    static constexpr auto log_file = "/run/agent.log";
    AgentCall call_;
};

}  // namespace duet::test
