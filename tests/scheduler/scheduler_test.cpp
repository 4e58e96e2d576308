// SPDX-License-Identifier: GPL-2.0-or-later
// What Pacemaker's scheduler does with the shipped configurations: the cases of the case files,
// each with what crm makes of the .crm file and with what pcs makes of its twin. No cluster runs.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "cases.hpp"
#include "failure.hpp"
#include "process.hpp"
#include "sandbox.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

struct Row {
    Case one;
    Form form;
};

void PrintTo(const Row& row, std::ostream* out) {
    *out << row.one.sentence;
}

std::string name_of(Form form) {
    return form == Form::crm ? "crm" : "pcs";
}

std::vector<Row> rows_of(const std::string& file, const std::vector<Form>& forms) {
    std::vector<Row> rows;
    for (const auto form : forms)
        for (const auto& one : read_cases(file)) rows.push_back({one, form});
    return rows;
}

class Scheduler : public testing::TestWithParam<Row> {};

TEST_P(Scheduler, DoesWhatTheCaseSays) {
    const auto& [one, form] = GetParam();
    play(one, load_configuration(one.configuration, form));
}

class Alternative : public testing::TestWithParam<Row> {};

TEST_P(Alternative, BreaksAsTheCaseSays) {
    const auto& [one, form] = GetParam();
    const auto changed =
        load_example(load_configuration(one.configuration, form), "pair", form, one.changes);
    play(one, changed);
}

std::string test_name(const testing::TestParamInfo<Row>& row) {
    auto name = cat(name_of(row.param.form), '_', row.param.one.name);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Pair, Scheduler,
                         testing::ValuesIn(rows_of("pair.cases", {Form::crm, Form::pcs})),
                         test_name);
INSTANTIATE_TEST_SUITE_P(NoFencing, Scheduler,
                         testing::ValuesIn(rows_of("no-fencing.cases", {Form::crm, Form::pcs})),
                         test_name);
// Alternatives are changes of pair.crm.
INSTANTIATE_TEST_SUITE_P(All, Alternative,
                         testing::ValuesIn(rows_of("alternatives.cases", {Form::crm})), test_name);

// == the two forms of each example

TEST(Examples, StandInBothForms) {
    EXPECT_EQ(example_names(Form::crm), example_names(Form::pcs));
}

// Those that change what another one made, and that one.
const std::map<std::string, std::vector<std::string>> loaded_before = {
    {"fencing-topology", {"fencing-ipmi"}},
    {"no-fencing", {"pair"}},
};

class Twins : public testing::TestWithParam<std::string> {};

TEST_P(Twins, MeanTheSame) {
    auto names = std::vector<std::string>();
    if (const auto before = loaded_before.find(GetParam()); before != loaded_before.end())
        names = before->second;
    names.push_back(GetParam());
    const auto crm = meaning(load_configuration(names, Form::crm)),
               pcs = meaning(load_configuration(names, Form::pcs));
    std::vector<std::string> only_crm, only_pcs;
    std::set_difference(crm.begin(), crm.end(), pcs.begin(), pcs.end(),
                        std::back_inserter(only_crm));
    std::set_difference(pcs.begin(), pcs.end(), crm.begin(), crm.end(),
                        std::back_inserter(only_pcs));
    EXPECT_TRUE(only_crm.empty() && only_pcs.empty())
        << "only in the .crm file:\n  " << join(only_crm, "\n  ")
        << "\nonly in the .pcs.sh file:\n  " << join(only_pcs, "\n  ");
    EXPECT_GT(crm.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Each, Twins, testing::ValuesIn(example_names(Form::crm)),
                         [](const auto& row) {
                             auto name = row.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

// == the examples and the agents

struct Advice {
    std::set<std::string> parameters, required;
    std::map<std::string, Milliseconds> timeouts;  // of each action the longest
};

Advice advice_of(const std::string& agent) {
    const auto ended =
        run({built_agent(agent), "meta-data"}, Deadline::after(Milliseconds(10'000)));
    const auto metadata = parse_xml(ended.out);
    Advice advice;
    for (const auto* parameter : metadata.all("parameter")) {
        advice.parameters.insert((*parameter)["name"]);
        if ((*parameter)["required"] == "1") advice.required.insert((*parameter)["name"]);
    }
    for (const auto* action : metadata.all("action")) {
        // A deeper monitor may take longer than the plain one.
        if (!(*action)["depth"].empty() && (*action)["depth"] != "0") continue;
        auto& longest = advice.timeouts[(*action)["name"]];
        longest = std::max(longest, parse_duration((*action)["timeout"]).value_or(longest));
    }
    return advice;
}

void expect_followed(const Element& primitive, const Advice& advice) {
    auto missing = advice.required;
    if (const auto* set = primitive.child("instance_attributes"))
        for (const auto& pair : set->children) {
            EXPECT_TRUE(advice.parameters.contains(pair["name"])) << pair["name"];
            missing.erase(pair["name"]);
        }
    EXPECT_TRUE(missing.empty()) << *missing.begin() << " is not given";
    for (const auto* operation : primitive.all("op")) {
        const auto advised = advice.timeouts.find((*operation)["name"]);
        ASSERT_NE(advice.timeouts.end(), advised) << (*operation)["name"];
        EXPECT_GE(parse_duration((*operation)["timeout"]).value_or(Milliseconds(0)),
                  advised->second)
            << (*operation)["name"];
    }
}

// What crm and pcs would complain about, were the agents installed. An agent that is not built is
// left out.
TEST(Examples, SayWhatTheAgentsKnow) {
    for (const char* name : {"pair", "classic"}) {
        int looked_at = 0;
        for (const auto* primitive : load_configuration({name}, Form::crm).all("primitive")) {
            const auto& agent = (*primitive)["type"];
            if ((*primitive)["provider"] != "duet" ||
                ::access(built_agent(agent).c_str(), X_OK) != 0)
                continue;
            SCOPED_TRACE(cat(name, ", primitive ", (*primitive)["id"]));
            expect_followed(*primitive, advice_of(agent));
            ++looked_at;
        }
        EXPECT_GE(looked_at, 2) << "vip and mysql at least are built";
    }
}

bool works(const std::string& program) {
    try {
        return run({program, "--version"}, Deadline::after(Milliseconds(30'000))).succeeded();
    } catch (const Failure&) {
        return false;
    }
}

int run_all() {
    constexpr int skipped = 77;
    for (const char* program : {"crm_simulate", "crm", "pcs"})
        if (!works(program)) {
            std::printf("skipped: %s does not work here\n", program);
            return skipped;
        }
    const int result = RUN_ALL_TESTS();
    remove_scratch_folder();
    return result;
}

}  // namespace

}  // namespace duet::test

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    // crm writes to /var/log; without root it can do so only where somebody lets it.
    return ::geteuid() == 0 ? duet::test::in_sandbox(duet::test::run_all) : duet::test::run_all();
}
