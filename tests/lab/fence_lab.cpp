// SPDX-License-Identifier: GPL-2.0-or-later
// The fence agent of the lab's nodes, after the FenceAgentAPI: options as NAME=VALUE lines on
// stdin, or --NAME=VALUE and "-o ACTION" on the command line. It speaks to the stand-in for the
// servers' management controllers over a socket that lies outside of every node.
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <map>
#include <string>

#include "line_socket.hpp"
#include "text.hpp"

namespace {

constexpr int success = 0, failed = 1, is_off = 2;

constexpr const char* metadata = R"(<?xml version="1.0" ?>
<resource-agent name="fence_lab" shortdesc="Fence agent of Duet's lab">
  <longdesc>Switches the servers of Duet's lab off and on, through the socket of the lab's stand-in
for their management controllers.</longdesc>
  <vendor-url></vendor-url>
  <parameters>
    <parameter name="action" unique="0" required="1">
      <getopt mixed="-o, --action=[action]"/><content type="string" default="reboot"/>
      <shortdesc lang="en">Fencing action</shortdesc>
    </parameter>
    <parameter name="plug" unique="0" required="0" obsoletes="port">
      <getopt mixed="-n, --plug=[id]"/><content type="string"/>
      <shortdesc lang="en">The server</shortdesc>
    </parameter>
    <parameter name="port" unique="0" required="0" deprecated="1">
      <getopt mixed="-n, --plug=[id]"/><content type="string"/>
      <shortdesc lang="en">The server</shortdesc>
    </parameter>
    <parameter name="socket" unique="0" required="0">
      <getopt mixed="--socket=[path]"/><content type="string" default="/run/duet-bmc/bmc.sock"/>
      <shortdesc lang="en">Where the controllers listen</shortdesc>
    </parameter>
    <parameter name="timeout" unique="0" required="0">
      <getopt mixed="--timeout=[seconds]"/><content type="second" default="20"/>
      <shortdesc lang="en">How long to wait for an answer</shortdesc>
    </parameter>
  </parameters>
  <actions>
    <action name="on" automatic="0"/>
    <action name="off"/>
    <action name="reboot"/>
    <action name="status"/>
    <action name="monitor"/>
    <action name="metadata"/>
    <action name="validate-all"/>
  </actions>
</resource-agent>
)";

using Options = std::map<std::string, std::string>;

void take(Options& options, const std::string& word) {
    const auto equals = word.find('=');
    if (equals != std::string::npos) options[word.substr(0, equals)] = word.substr(equals + 1);
}

Options read_options(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "-o" && i + 1 < argc) options["action"] = argv[++i];
        if (word == "-n" && i + 1 < argc) options["plug"] = argv[++i];
        if (word.rfind("--", 0) == 0) take(options, word.substr(2));
    }
    if (argc > 1) return options;
    for (std::string line; std::getline(std::cin, line);) {
        const std::string_view word = duet::trim(line);
        if (!word.empty() && word.front() != '#') take(options, std::string(word));
    }
    return options;
}

std::string get(const Options& options, const std::string& name, const std::string& otherwise) {
    const auto found = options.find(name);
    return found == options.end() || found->second.empty() ? otherwise : found->second;
}

int act(const Options& options) {
    const std::string action = get(options, "action", "reboot");
    if (action == "metadata") {
        std::fputs(metadata, stdout);
        return success;
    }
    if (action == "validate-all") return success;
    const std::string server = get(options, "plug", get(options, "port", ""));
    const auto seconds = duet::parse_integer(get(options, "timeout", "20")).value_or(20);
    const std::string socket = get(options, "socket", "/run/duet-bmc/bmc.sock");
    const bool asks = action == "status" || action == "monitor";
    const std::string answer =
        duet::lab::ask(socket, duet::cat(asks ? "status" : action, ' ', server),
                       duet::Deadline::after(std::chrono::seconds(seconds)));
    return action == "status" && answer == "off" ? is_off : success;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return act(read_options(argc, argv));
    } catch (const std::exception& error) {
        std::cerr << "fence_lab: " << error.what() << '\n';
        return failed;
    }
}
