// SPDX-License-Identifier: GPL-2.0-or-later
// What Pacemaker says to an agent and what the agent says of itself: the environment of an action,
// the CIB, meta-data and manual page.
#include "call.hpp"

#include <expat.h>
#include <gtest/gtest.h>

#include <map>

#include "cluster.hpp"
#include "description.hpp"

namespace duet {

namespace {

using namespace std::chrono_literals;

// ---- the call -----------------------------------------------------------------------------------

Call call_of(const std::string& action, std::map<std::string, std::string> variables) {
    const auto environment = [=](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
    };
    return read_call("mysql", action, 60s, environment);
}

TEST(Call, IsReadFromTheEnvironment) {
    const auto call = call_of("monitor", {{"OCF_RESOURCE_INSTANCE", "db:0"},
                                          {"OCF_RESKEY_CRM_meta_on_node", "a"},
                                          {"OCF_RESKEY_CRM_meta_interval", "1000"},
                                          {"OCF_CHECK_LEVEL", " 10 "}});
    EXPECT_EQ("db", call.instance);
    EXPECT_EQ("a", call.node);
    EXPECT_TRUE(call.clustered());
    EXPECT_FALSE(call.probe);
    EXPECT_EQ(10, call.check_level);
}

TEST(Call, AnInstanceIsSafeAsAFileName) {
    const std::pair<const char*, const char*> rows[] = {
        {"", "mysql"}, {".", "mysql"}, {"..", "mysql"}, {":0", "mysql"}, {"db:1", "db"},
        {"../../etc/passwd", ".._.._etc_passwd"}, {"/", "_"}};
    for (const auto& [given, expected] : rows)
        EXPECT_EQ(expected, call_of("start", {{"OCF_RESOURCE_INSTANCE", given}}).instance);
    EXPECT_EQ("mysql", call_of("start", {}).instance);
    EXPECT_FALSE(call_of("start", {}).clustered());
}

TEST(Call, AMonitorWithoutAnIntervalIsAProbe) {
    EXPECT_TRUE(call_of("monitor", {}).probe);
    EXPECT_TRUE(call_of("monitor", {{"OCF_RESKEY_CRM_meta_interval", "0"}}).probe);
    EXPECT_TRUE(call_of("monitor", {{"OCF_RESKEY_CRM_meta_interval", "soon"}}).probe);
    EXPECT_FALSE(call_of("start", {}).probe);
}

TEST(Call, EndsBeforePacemakersOwnTimeout) {
    const std::pair<const char*, Milliseconds> rows[] = {
        {"10000", 9s}, {"100000", 98s}, {"1000", 900ms}, {"", 58s},    {"0", 58s},
        {"-5", 58s},   {"garbage", 58s}, {"20s", 58s},   {"9999999999999", 58s}};
    for (const auto& [timeout, expected] : rows) {
        const auto left = call_of("start", {{"OCF_RESKEY_CRM_meta_timeout", timeout}})
                              .deadline.remaining();
        EXPECT_LE(left, expected) << timeout;
        EXPECT_GT(left, expected - 500ms) << timeout;
    }
}

TEST(Call, ANotificationNamesItsNodes) {
    const auto call = call_of("notify", {{"OCF_RESKEY_CRM_meta_notify_type", "post"},
                                         {"OCF_RESKEY_CRM_meta_notify_operation", "stop"},
                                         {"OCF_RESKEY_CRM_meta_notify_stop_uname", "b "},
                                         {"OCF_RESKEY_CRM_meta_notify_active_uname", " a  b"}});
    EXPECT_TRUE(call.notification.post);
    EXPECT_EQ("stop", call.notification.operation);
    EXPECT_EQ(std::vector<std::string>{"b"}, call.notification.stopping);
    EXPECT_EQ((std::vector<std::string>{"a", "b"}), call.notification.active);
    EXPECT_TRUE(call.notification.promoting.empty());
}

// ---- the CIB ------------------------------------------------------------------------------------

std::string cib(const std::string& status, const std::string& properties = "") {
    return "<cib epoch='5'><configuration><crm_config><cluster_property_set id='p'>" + properties +
           "</cluster_property_set></crm_config><nodes><node id='1' uname='a'>"
           "<instance_attributes id='i'><nvpair id='x' name='db-grant' value='permanent'/>"
           "</instance_attributes></node></nodes></configuration><status>" +
           status + "</status></cib>";
}

std::string node(const char* in_ccm, const char* crmd, const char* expected) {
    return std::string("<node_state id='1' uname='a' in_ccm='") + in_ccm + "' crmd='" + crmd +
           "' expected='" + expected +
           "'><transient_attributes id='1'><instance_attributes id='t'>"
           "<nvpair id='g' name='db-grant' value='7:L:s'/><nvpair id='e' name='empty' value=''/>"
           "</instance_attributes></transient_attributes><lrm id='1'><lrm_resources>"
           "<nvpair name='db-claim' value='9'/></lrm_resources></lrm></node_state>";
}

struct MemberCase {
    const char *in_ccm, *crmd, *expected;
    bool member, certified;
};

// Pacemaker 2.1 writes words, 3.0 the time since when; "down" is expected only after a successful
// fencing or an orderly shutdown.
TEST(Cib, SaysWhoIsAMemberAndWhoIsCertifiedDead) {
    const MemberCase rows[] = {
        {"true", "online", "member", true, false},
        {"1700000000", "1700000001", "member", true, false},
        {"true", "offline", "member", false, false},
        {"true", "offline", "down", false, false},
        {"1700000000", "0", "down", false, false},
        {"false", "online", "down", false, false},
        {"false", "offline", "member", false, false},
        {"false", "offline", "down", false, true},
        {"0", "0", "down", false, true},
        {"0", "0", "member", false, false},
        {"", "", "", false, false},
        {"nonsense", "-1", "Down", false, false},
    };
    for (const auto& row : rows) {
        const auto view = parse_cib(cib(node(row.in_ccm, row.crmd, row.expected)));
        ASSERT_TRUE(view && view->find("a"));
        EXPECT_EQ(row.member, view->find("a")->member) << row.in_ccm << row.crmd << row.expected;
        EXPECT_EQ(row.certified, view->find("a")->certified_down)
            << row.in_ccm << row.crmd << row.expected;
    }
}

TEST(Cib, AttributesAreTheTransientOnesOfTheirNode) {
    const auto view = parse_cib(cib(node("true", "online", "member")));
    ASSERT_TRUE(view);
    EXPECT_EQ("7:L:s", view->attribute("a", "db-grant"));
    EXPECT_EQ("", view->attribute("a", "empty"));
    EXPECT_FALSE(view->attribute("a", "db-claim")) << "that stands elsewhere";
    EXPECT_FALSE(view->attribute("b", "db-grant"));
    EXPECT_EQ(nullptr, view->find("b"));
}

TEST(Cib, FencingIsOnUnlessSaidOtherwise) {
    const auto fencing = [](const std::string& name, const std::string& value) {
        return parse_cib(cib("", "<nvpair id='s' name='" + name + "' value='" + value + "'/>"))
            ->fencing;
    };
    EXPECT_TRUE(parse_cib(cib(""))->fencing);
    EXPECT_FALSE(fencing("stonith-enabled", "false"));
    EXPECT_FALSE(fencing("fencing-enabled", "off"));
    EXPECT_TRUE(fencing("stonith-enabled", "maybe"));
    EXPECT_TRUE(fencing("stonith-action", "off"));
}

TEST(Cib, WhatIsCutShortIsNoAnswer) {
    const auto whole = cib(node("true", "online", "member"));
    for (std::size_t size = 0; size < whole.size(); size += 7)
        EXPECT_FALSE(parse_cib(whole.substr(0, size))) << size;
    EXPECT_FALSE(parse_cib("Call cib_query failed: Transport endpoint is not connected"));
    EXPECT_TRUE(parse_cib("<cib/>"));
}

// ---- the description ----------------------------------------------------------------------------

struct Config {
    std::string name = "<default> & \"more\"";
    std::string needed = "not shown";
    Milliseconds wait{90'000};
};
constexpr Parameter<Config> parameters[] = {
    {"name", &Config::name, "short", ".leading dot and back\\slash-hyphen",
     {.unique = true, .choices = "x y"}},
    {"needed", &Config::needed, "needed", "Needed.", {.required = true, .reloadable = true}},
    {"wait", &Config::wait, "wait", "Wait."},
};
constexpr Action<Config> actions[] = {
    {"start", 60s, nullptr},
    {"promote", 60s, nullptr},
    {"monitor", 1500ms, nullptr, 10s, Role::promoted, 10},
    {"monitor", 20s, nullptr, 11s, Role::unpromoted},
    {"meta-data", 5s, nullptr},
};
const Description description = describe(Agent<Config>{"test", "short", "long", parameters, actions});

bool is_well_formed(const std::string& xml) {
    auto* parser = XML_ParserCreate(nullptr);
    const bool good = XML_Parse(parser, xml.data(), int(xml.size()), 1) == XML_STATUS_OK;
    XML_ParserFree(parser);
    return good;
}

void expect_has(const std::string& text, std::initializer_list<const char*> parts) {
    for (const auto* part : parts) EXPECT_NE(std::string::npos, text.find(part)) << part;
}

TEST(Description, MetaDataSaysWhatTheTableSays) {
    const auto xml = meta_data(description);
    EXPECT_TRUE(is_well_formed(xml)) << xml;
    expect_has(xml, {"default=\"&lt;default&gt; &amp; &quot;more&quot;\"", "One of: x, y.",
                     "unique-group=\"name\"", "name=\"needed\" required=\"1\" reloadable=\"1\"",
                     "default=\"90s\"",
                     "timeout=\"1500ms\" interval=\"10s\" depth=\"10\" role=\"Promoted\"",
                     "timeout=\"20s\" interval=\"11s\" depth=\"0\" role=\"Unpromoted\""});
    EXPECT_EQ(std::string::npos, xml.find("not shown")) << "a required one has no default";
    EXPECT_TRUE(description.promotable());
}

TEST(Description, TheManualEscapesWhatRoffWouldObey) {
    const auto page = manual_page(description);
    expect_has(page, {"\\&.leading dot and back\\eslash\\-hyphen", ".TH \"ocf_duet_test\" 7"});
    EXPECT_EQ(std::string::npos, page.find("\n.leading"));
}

TEST(Description, SnippetsHaveWhatIsRequiredAndTheAdvisedOperations) {
    expect_has(crm_snippet(description),
               {"primitive test ocf:duet:test", "params needed=\"...\"",
                "op monitor interval=10s timeout=1500ms role=Promoted OCF_CHECK_LEVEL=10",
                "clone test-clone test", "promotable=true"});
    expect_has(pcs_snippet(description),
               {"pcs resource create test ocf:duet:test needed=\"...\"", "promotable"});
    EXPECT_EQ(std::string::npos, crm_snippet(description).find("meta-data"));
}

}  // namespace

}  // namespace duet
