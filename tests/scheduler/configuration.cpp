// SPDX-License-Identifier: GPL-2.0-or-later
#include "configuration.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>

#include "failure.hpp"
#include "file.hpp"
#include "process.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

constexpr Milliseconds patience{120'000};
constexpr auto extension_of_crm = ".crm", extension_of_pcs = ".pcs.sh";

constexpr auto empty_cib =
    R"(<cib validate-with="pacemaker-3.7" crm_feature_set="3.16.0" epoch="1" num_updates="0"
     admin_epoch="0" have-quorum="1" dc-uuid="1">
  <configuration>
    <crm_config>
      <cluster_property_set id="cib-bootstrap-options">
        <nvpair id="cib-bootstrap-options-dc-version" name="dc-version" value="2"/>
        <nvpair id="cib-bootstrap-options-stack" name="cluster-infrastructure" value="corosync"/>
      </cluster_property_set>
    </crm_config>
    <nodes><node id="1" uname="a"/><node id="2" uname="b"/></nodes>
    <resources/>
    <constraints/>
  </configuration>
  <status/>
</cib>)";

std::string examples() {
    return cat(DUET_SOURCE, "/crm-examples/");
}

// Each statement on one line, comments left out.
std::vector<std::string> statements(const std::string& text) {
    std::vector<std::string> found;
    bool continues = false;
    for (const auto& line : split(text, '\n')) {
        auto words = split_words(line);
        if (words.empty() || (!continues && words[0].starts_with('#'))) continue;
        const bool more = words.back() == "\\";
        if (more) words.pop_back();
        if (continues) {
            found.back() += ' ' + join(words, " ");
        } else {
            found.push_back(join(words, " "));
        }
        continues = more;
    }
    return found;
}

std::string changed(const std::string& text, const std::vector<Change>& changes) {
    auto lines = statements(text);
    for (const auto& [add, statement] : changes) {
        if (add) {
            lines.push_back(statement);
        } else if (std::erase(lines, statement) == 0) {
            throw std::runtime_error(cat("there is no statement '", statement, "'"));
        }
    }
    return join(lines, "\n") + '\n';
}

void must_succeed(std::vector<std::string> argv, const std::string& cib) {
    const auto& folder = scratch_folder();
    // crm keeps a log and a cache at home.
    argv.insert(argv.begin(),
                {"env", "HOME=" + folder, "XDG_CONFIG_HOME=" + folder, "XDG_CACHE_HOME=" + folder,
                 "CIB_file=" + cib, cat("PATH=", folder, "/bin:", std::getenv("PATH"))});
    const auto ended = run(argv, Deadline::after(patience));
    if (!ended.succeeded())
        throw std::runtime_error(cat(join(argv, " "), ' ', ended.how(), ": ", ended.err));
}

// The agents need not be installed: without --force pcs insists on their meta-data.
void put_forceful_pcs() {
    const auto folder = scratch_folder() + "/bin";
    if (::mkdir(folder.c_str(), 0755) != 0) return;
    std::string real = "/usr/sbin/pcs";
    for (const auto& place : split(std::getenv("PATH"), ':'))
        if (std::filesystem::exists(place + "/pcs")) real = place + "/pcs";
    replace_file(folder + "/pcs", cat("#!/bin/sh\nexec ", real, " --force \"$@\"\n"),
                 Durability::none, 0755);
}

std::string read(const std::string& path) {
    const auto content = read_file(path);
    if (!content) throw std::runtime_error(path + " cannot be read");
    return *content;
}

void load_crm(const std::string& name, const std::vector<Change>& changes, const std::string& cib) {
    const auto file = scratch_folder() + "/changed.crm";
    const auto text = read(examples() + name + extension_of_crm);
    replace_file(file, changes.empty() ? text : changed(text, changes), Durability::none);
    must_succeed({"crm", "-F", "configure", "load", "update", file}, cib);
}

void load_pcs(const std::string& name, const std::string& cib) {
    put_forceful_pcs();
    must_succeed({"sh", examples() + name + extension_of_pcs, cib}, cib);
}

}  // namespace

const std::string& scratch_folder() {
    static const std::string path = [] {
        std::array<char, 32> name{"/tmp/duet-scheduler-XXXXXX"};
        if (!::mkdtemp(name.data())) throw_errno("make a folder in /tmp");
        return std::string(name.data());
    }();
    return path;
}

void remove_scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(scratch_folder(), ignored);
}

Element load_example(const Element& onto, const std::string& name, Form form,
                     const std::vector<Change>& changes) {
    const auto cib = scratch_folder() + "/made.xml";
    replace_file(cib, to_text(onto), Durability::none);
    if (form == Form::pcs) {
        load_pcs(name, cib);
    } else {
        load_crm(name, changes, cib);
    }
    return parse_xml(read(cib));
}

const Element& load_configuration(const std::vector<std::string>& names, Form form) {
    static std::map<std::pair<std::vector<std::string>, Form>, Element> known;
    const std::pair key{names, form};
    const auto found = known.find(key);
    if (found != known.end()) return found->second;
    if (names.empty()) return known[key] = parse_xml(empty_cib);
    const auto& before = load_configuration({names.begin(), names.end() - 1}, form);
    return known[key] = load_example(before, names.back(), form);
}

std::set<std::string> example_names(Form form) {
    const std::string_view extension = form == Form::crm ? extension_of_crm : extension_of_pcs;
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(examples())) {
        const auto file = entry.path().filename().string();
        if (file.ends_with(extension)) names.insert(file.substr(0, file.size() - extension.size()));
    }
    return names;
}

}  // namespace duet::test
