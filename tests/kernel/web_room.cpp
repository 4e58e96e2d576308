// SPDX-License-Identifier: GPL-2.0-or-later
#include "web_room.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <csignal>

#include "file.hpp"
#include "text.hpp"

namespace duet::test {

WebRoom::WebRoom(const std::string& agent, std::string program) : program_(std::move(program)) {
    const auto name = cat(testing::UnitTest::GetInstance()->current_test_info()->name());
    folder_ = cat("/run/", agent, '-', name);
    must({"rm", "-rf", folder_, DUET_RUNDIR});
    ::mkdir(folder_.c_str(), 0755);
    call_.program = built_agent(agent);
    call_.instance = name;
}

void WebRoom::TearDown() { kill_all_titled(""); }

void WebRoom::write(const std::string& name, const std::string& content) const {
    replace_file(path(name), content, Durability::none, 0644);
}

AgentCall WebRoom::with(const std::string& parameter, const std::string& value) const {
    auto call = call_;
    call.parameters[parameter] = value;
    return call;
}

std::string WebRoom::reason(const Ended& ended) {
    const auto reasons = exit_reasons(ended);
    EXPECT_EQ(1u, reasons.size()) << ended.err;
    return reasons.empty() ? "" : reasons.front();
}

void WebRoom::expect(Exit code, const Ended& ended, const std::string& what) {
    EXPECT_EQ(int(code), ended.exit_code) << what << ' ' << ended.how() << ' ' << ended.err;
}

std::vector<Process> WebRoom::titled(const std::string& beginning) const {
    auto found = processes_of(program_);
    std::erase_if(found, [&](const Process& process) {
        return !process.command_line().front().starts_with(beginning);
    });
    return found;
}

void WebRoom::kill_all_titled(const std::string& beginning) const {
    for (auto found = titled(beginning); !found.empty(); found = titled(beginning))
        for (const auto& process : found) {
            process.signal(SIGKILL);
            process.wait(Deadline::after(Milliseconds(5'000)));
        }
}

void WebRoom::forget_records() const { must({"rm", "-rf", DUET_RUNDIR}); }

Mute::Mute(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(std::uint16_t(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(socket_.get(), 16) != 0)
        throw_errno(cat("listen on port ", port));
}

}  // namespace duet::test
