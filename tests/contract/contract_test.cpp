// SPDX-License-Identifier: GPL-2.0-or-later
// Each built agent as Pacemaker, crmsh, pcs and ocf-tester see it. The agents stand in
// subjects.cpp; everything else is read from their meta-data.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <regex>
#include <set>

#include "failure.hpp"
#include "file.hpp"
#include "metadata.hpp"
#include "subjects.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

constexpr int success = int(Exit::success), configured = int(Exit::configured),
              not_running = int(Exit::not_running), unimplemented = int(Exit::unimplemented);

class Contract : public testing::TestWithParam<Subject> {
  protected:
    void SetUp() override {
        call_.program = installed_agent(GetParam().name);
        call_.parameters = parameters();
        call_.instance = "contract-" + GetParam().name;
        metadata_ = read_metadata(call_("meta-data").out);
    }
    void TearDown() override { call_("stop"); }

    // What `prepare` made stays for all tests of the agent.
    static const Parameters& parameters() {
        static std::map<std::string, Parameters> made;
        const auto& subject = GetParam();
        const auto found = made.find(subject.name);
        if (found != made.end()) return found->second;
        const auto folder = "/run/contract-" + subject.name;
        ::mkdir(folder.c_str(), 0755);
        return made[subject.name] = subject.prepare(folder);
    }

    AgentCall with(const std::string& parameter, const std::string& value) const {
        auto call = call_;
        call.parameters[parameter] = value;
        return call;
    }

    AgentCall without(const std::string& parameter) const {
        auto call = call_;
        call.parameters.erase(parameter);
        return call;
    }

    void expect(int code, const Ended& ended, const std::string& what = {}) {
        EXPECT_EQ(code, ended.exit_code) << what << ' ' << ended.how() << ' ' << ended.err;
    }

    AgentCall call_;
    Metadata metadata_;
};

Ended lint(const std::string& xml, std::vector<std::string> options) {
    options.insert(options.begin(), {"xmllint", "--noout"});
    options.push_back("-");
    RunOptions run_options;
    run_options.input = xml;
    return run(options, Deadline::after(Milliseconds(20'000)), run_options);
}

Ended shown_by(const std::vector<std::string>& argv) {
    return run(argv, Deadline::after(Milliseconds(60'000)));
}

TEST_P(Contract, MetaDataNeedsNoEnvironment) {
    const auto bare = shown_by({"env", "-i", call_.program, "meta-data"});
    EXPECT_EQ(success, bare.exit_code) << bare.err;
    EXPECT_EQ(call_("meta-data").out, bare.out);
    EXPECT_EQ("", bare.err);
}

TEST_P(Contract, MetaDataNeedsNoRights) {
    const auto nobody = shown_by({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                                  call_.program, "meta-data"});
    EXPECT_EQ(success, nobody.exit_code) << nobody.err;
    EXPECT_EQ(call_("meta-data").out, nobody.out);
}

TEST_P(Contract, MetaDataIsValid) {
    const auto xml = call_("meta-data").out;
    const auto old = lint(xml, {"--path", "/usr/share/resource-agents", "--valid"});
    EXPECT_EQ(0, old.exit_code) << old.err;
    const auto current = lint(xml, {"--relaxng", "/usr/share/pcs/data/ocf-1.1.rng"});
    EXPECT_EQ(0, current.exit_code) << current.err;
    EXPECT_EQ("1.1", metadata_.version);
    EXPECT_EQ(GetParam().name, metadata_.name);
}

// crmsh finds the advised values of a monitor by role and depth; two alike would hide each other.
TEST_P(Contract, MonitorsDifferAndPromotableOnesNameTheirRole) {
    std::set<std::pair<std::string, std::string>> seen;
    std::set<std::string> intervals;
    for (const auto& action : metadata_.actions) {
        if (action.at("name") != "monitor") continue;
        EXPECT_EQ(metadata_.has_action("promote"), action.contains("role"));
        EXPECT_TRUE(action.contains("depth"));
        EXPECT_TRUE(intervals.insert(action.at("interval")).second) << "two monitors at "
                                                                    << action.at("interval");
    }
    EXPECT_FALSE(intervals.empty());
}

TEST_P(Contract, CrmAndPcsDescribeIt) {
    const auto spec = "ocf:duet:" + GetParam().name;
    const auto crm = shown_by({"crm", "ra", "info", spec});
    const auto pcs = shown_by({"pcs", "resource", "describe", "--full", spec});
    EXPECT_EQ(0, crm.exit_code) << crm.err;
    EXPECT_EQ(0, pcs.exit_code) << pcs.err;
    for (const auto& parameter : metadata_.parameters) {
        EXPECT_NE(std::string::npos, crm.out.find(parameter.name)) << parameter.name;
        EXPECT_NE(std::string::npos, pcs.out.find(parameter.name)) << parameter.name;
    }
}

TEST_P(Contract, UnknownActionIsUnimplemented) {
    for (const char* action : {"nonsense", "", "START", "--announcement", "start "}) {
        const auto ended = call_(action);
        expect(unimplemented, ended, action);
        EXPECT_EQ(1u, exit_reasons(ended).size()) << action;
    }
}

TEST_P(Contract, MissingRequiredParameterIsNamed) {
    for (const auto& parameter : metadata_.parameters) {
        if (!parameter.required) continue;
        for (const auto& call : {without(parameter.name), with(parameter.name, "  ")}) {
            for (const char* action : {"start", "validate-all", "stop"}) {
                const auto ended = call(action);
                expect(configured, ended, action);
                const auto reasons = exit_reasons(ended);
                ASSERT_EQ(1u, reasons.size()) << action;
                EXPECT_NE(std::string::npos, reasons[0].find(cat('\'', parameter.name, '\'')));
            }
            expect(not_running, call("monitor"), "probe");
        }
    }
}

// Values of the wrong kind, made from what the meta-data says of each parameter.
std::vector<std::pair<std::string, std::string>> wrong_values(const Metadata& metadata) {
    static const std::regex duration("[0-9]+(ms|s|m|h)");
    std::vector<std::pair<std::string, std::string>> values;
    for (const auto& parameter : metadata.parameters) {
        const auto add = [&](const char* value) { values.emplace_back(parameter.name, value); };
        if (parameter.type == "integer")
            for (const char* value : {"abc", "1.5", "99999999999999999999", "0x10"}) add(value);
        if (parameter.type == "boolean")
            for (const char* value : {"maybe", "2", "truefalse"}) add(value);
        if (parameter.type == "string" && std::regex_match(parameter.default_value, duration))
            for (const char* value : {"soon", "-1s", "10 parsecs"}) add(value);
        if (parameter.longdesc.find("One of: ") != std::string::npos) add("nonsense");
    }
    return values;
}

TEST_P(Contract, MalformedValuesAreRefusedWithOneSentence) {
    auto values = wrong_values(metadata_);
    for (const auto& row : GetParam().malformed) values.push_back(row);
    EXPECT_FALSE(values.empty());
    for (const auto& [parameter, value] : values) {
        const auto call = with(parameter, value);
        for (const char* action : {"start", "validate-all"}) {
            const auto ended = call(action);
            expect(configured, ended, cat(action, ' ', parameter, '=', value));
            const auto reasons = exit_reasons(ended);
            ASSERT_EQ(1u, reasons.size()) << parameter << '=' << value;
            EXPECT_NE(std::string::npos, reasons[0].find(cat('\'', parameter, '\'')))
                << reasons[0];
            const auto words = split_words(value);
            EXPECT_NE(std::string::npos, reasons[0].find(words.back())) << reasons[0];
        }
        // Nothing was started, and what was never started can be stopped.
        expect(not_running, call("monitor"), "probe");
        expect(success, call("stop"), cat("stop with ", parameter, '=', value));
    }
}

TEST_P(Contract, BrokenEnvironmentNeverCrashes) {
    const std::string huge(100'000, 'x');
    const std::vector<std::vector<std::string>> environments = {
        {"OCF_RESKEY_CRM_meta_timeout=garbage"},
        {"OCF_RESKEY_CRM_meta_timeout=-1"},
        {"OCF_RESKEY_CRM_meta_timeout=99999999999999999999999"},
        {"OCF_RESKEY_CRM_meta_timeout="},
        {"OCF_RESKEY_CRM_meta_interval=soon"},
        {"OCF_CHECK_LEVEL=deep"},
        {"OCF_CHECK_LEVEL=-5"},
        {"OCF_RESOURCE_INSTANCE="},
        {"OCF_RESOURCE_INSTANCE=../../../etc/passwd"},
        {"OCF_RESOURCE_INSTANCE=/"},
        {"OCF_RESOURCE_INSTANCE=\xff\xfe\x80"},
        {"OCF_RESOURCE_INSTANCE=a:b:c"},
        {"OCF_RESKEY_CRM_meta_on_node=\xff"},
        {"OCF_RESKEY_CRM_meta_on_node=" + huge},
        {"OCF_RESKEY_CRM_meta_notify_type=\xff", "OCF_RESKEY_CRM_meta_notify_active_uname= , ,"},
        {"OCF_EXIT_REASON_PREFIX="},
        {"HA_logfile=/dev/full"},
        {"PATH="},
    };
    for (const auto& environment : environments) {
        auto call = call_;
        call.environment = environment;
        // The first of two equal names counts.
        for (const char* action : {"monitor", "validate-all", "stop", "notify", "meta-data"}) {
            const auto ended = call(action);
            EXPECT_EQ(0, ended.signal) << action << ' ' << environment[0].substr(0, 60);
            EXPECT_GE(ended.exit_code, 0);
            EXPECT_LE(ended.exit_code, 9) << action << ' ' << environment[0].substr(0, 60);
        }
    }
}

TEST_P(Contract, ParametersOfGarbageNeverCrash) {
    for (const auto& parameter : metadata_.parameters) {
        for (const std::string& value :
             {std::string("\xff\xfe"), std::string(60'000, 'a'), std::string("%s%n%d"),
              std::string("$(reboot)"), std::string("'\";\n\t"), std::string("-1")}) {
            const auto call = with(parameter.name, value);
            for (const char* action : {"monitor", "validate-all", "stop"}) {
                const auto ended = call(action);
                EXPECT_EQ(0, ended.signal) << action << ' ' << parameter.name;
                EXPECT_LE(exit_reasons(ended).size(), 1u) << action << ' ' << parameter.name;
            }
        }
    }
}

TEST_P(Contract, NothingIsFoundAndNothingIsStopped) {
    expect(not_running, call_("monitor"), "probe");
    expect(not_running, call_.monitor(), "monitor");
    expect(success, call_("stop"));
    expect(success, call_("stop"));
    expect(not_running, call_("monitor"), "probe");
}

TEST_P(Contract, StartsAndStopsTwice) {
    expect(success, call_("validate-all"));
    for (int turn = 0; turn < 2; ++turn) {
        expect(success, call_("start"));
        expect(success, call_("start"));
        expect(success, call_.monitor());
        expect(success, call_("monitor"), "probe");
        expect(success, call_("stop"));
        expect(success, call_("stop"));
        expect(not_running, call_("monitor"), "probe");
    }
}

TEST_P(Contract, PromotesAndDemotesTwice) {
    if (!metadata_.has_action("promote")) GTEST_SKIP() << "not promotable";
    constexpr int promoted = int(Exit::running_promoted);
    expect(success, call_("start"));
    for (int turn = 0; turn < 2; ++turn) {
        expect(success, call_("promote"));
        expect(success, call_("promote"));
        expect(promoted, call_.monitor());
        expect(promoted, call_("monitor"), "probe");
        expect(success, call_("demote"));
        expect(success, call_("demote"));
        expect(success, call_.monitor());
    }
    expect(success, call_("promote"));
    expect(success, call_("stop"));
    expect(not_running, call_("monitor"), "probe");
}

TEST_P(Contract, TesterPasses) {
    std::vector<std::string> argv{"ocf-tester", "-n", call_.instance};
    for (const auto& [name, value] : call_.parameters) {
        argv.push_back("-o");
        argv.push_back(cat(name, '=', value));
    }
    argv.push_back(call_.program);
    const auto ended = run(argv, Deadline::after(Milliseconds(120'000)));
    // Its exit code is 0 on usage errors, too.
    EXPECT_NE(std::string::npos, ended.out.find("passed all tests")) << ended.out << ended.err;
}

INSTANTIATE_TEST_SUITE_P(Each, Contract, testing::ValuesIn(subjects()), [](const auto& row) {
    auto name = row.param.name;
    std::erase(name, '-');
    return name;
});

}  // namespace

}  // namespace duet::test

int main(int argc, char** argv) {
    using namespace duet::test;
    testing::InitGoogleTest(&argc, argv);
    return in_sandbox([] {
        make_lan();
        std::vector<std::string> names;
        for (const auto& subject : subjects()) names.push_back(subject.name);
        install_agents(names);
        return RUN_ALL_TESTS();
    });
}
