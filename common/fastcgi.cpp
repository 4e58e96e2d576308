// SPDX-License-Identifier: GPL-2.0-or-later
// FastCGI Specification 1.0 (Open Market, 1996), responder role, one request for each connection.
#include "fastcgi.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "fd.hpp"
#include "text.hpp"

namespace duet {

namespace {

enum Type : unsigned char { begin_request = 1, end_request = 3, params = 4, in = 5, out = 6 };
constexpr unsigned char version = 1, request_id = 1, responder = 1;
constexpr std::size_t header_size = 8;

// What ends the conversation; its text becomes Answer::error.
struct Broken : std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::string record(Type type, const std::string& content) {
    const auto size = content.size();
    const char header[header_size] = {version, char(type), 0, request_id,
                                      char(size >> 8), char(size & 0xff), 0, 0};
    return std::string(header, header_size) + content;
}

std::string length(std::size_t size) {
    if (size < 128) return std::string(1, char(size));
    return {char(0x80 | (size >> 24)), char(size >> 16), char(size >> 8), char(size)};
}

std::string request_for(const std::string& script) {
    const auto question = script.find('?');
    const auto path = script.substr(0, question);
    const auto query = question == std::string::npos ? "" : script.substr(question + 1);
    std::string pairs;
    for (const auto& [name, value] : std::initializer_list<std::pair<std::string, std::string>>{
             {"GATEWAY_INTERFACE", "CGI/1.1"}, {"SERVER_PROTOCOL", "HTTP/1.1"},
             {"SERVER_SOFTWARE", "duet/" DUET_VERSION}, {"REQUEST_METHOD", "GET"},
             {"SCRIPT_NAME", path}, {"SCRIPT_FILENAME", path}, {"REQUEST_URI", script},
             {"QUERY_STRING", query}, {"REMOTE_ADDR", "127.0.0.1"}})
        pairs += length(name.size()) + length(value.size()) + name + value;
    return record(begin_request, std::string{0, responder, 0, 0, 0, 0, 0, 0}) +
           record(params, pairs) + record(params, "") + record(in, "");
}

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

Address address_of(const FastcgiTarget& target) {
    Address address;
    if (!target.path.empty()) {
        auto& local = reinterpret_cast<sockaddr_un&>(address.storage);
        local.sun_family = AF_UNIX;
        if (target.path.size() >= sizeof local.sun_path) throw Broken("the path is too long");
        std::memcpy(local.sun_path, target.path.c_str(), target.path.size() + 1);
        address.size = sizeof local;
        return address;
    }
    auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    if (::inet_pton(AF_INET, target.address.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(std::uint16_t(target.port));
        address.size = sizeof v4;
    } else if (::inet_pton(AF_INET6, target.address.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(std::uint16_t(target.port));
        address.size = sizeof v6;
    } else {
        throw Broken("the address is not numeric");
    }
    return address;
}

class Conversation {
  public:
    Conversation(const FastcgiTarget& target, const Patience& patience)
        : deadline_(Deadline::after(patience.total)) {
        const auto address = address_of(target);
        socket_ = Fd(::socket(address.storage.ss_family,
                              SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!socket_) throw Broken(std::strerror(errno));
        connect(address, deadline_.at_most(patience.connect));
    }

    void send(std::string_view rest) {
        while (!rest.empty()) {
            const auto count = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
            if (count > 0) rest.remove_prefix(std::size_t(count));
            if (count < 0) wait_or_break(POLLOUT, deadline_, "no time to send the request");
        }
    }

    // Exactly `size` bytes.
    std::string receive(std::size_t size) {
        while (buffer_.size() < size) {
            std::array<char, 8192> block;
            const auto count = ::recv(socket_.get(), block.data(), block.size(), 0);
            if (count > 0) buffer_.append(block.data(), std::size_t(count));
            if (count == 0) throw Broken("the connection was closed before the answer's end");
            if (count < 0) wait_or_break(POLLIN, deadline_, "no answer in time");
        }
        const auto bytes = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return bytes;
    }

  private:
    // A full backlog of a unix socket is EAGAIN, and nothing to poll for.
    void connect(const Address& address, const Deadline& deadline) {
        const auto* where = reinterpret_cast<const sockaddr*>(&address.storage);
        while (::connect(socket_.get(), where, address.size) != 0) {
            if (errno == EINPROGRESS) return finish_connect(deadline);
            if (errno != EAGAIN && errno != EINTR) throw Broken(std::strerror(errno));
            if (deadline.expired()) throw Broken("no room in its queue in time");
            ::poll(nullptr, 0, 10);
        }
    }

    void finish_connect(const Deadline& deadline) {
        wait(POLLOUT, deadline, "no connection in time");
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) throw Broken(std::strerror(error));
    }

    void wait_or_break(short events, const Deadline& deadline, const char* late) {
        if (errno != EAGAIN && errno != EINTR) throw Broken(std::strerror(errno));
        wait(events, deadline, late);
    }

    void wait(short events, const Deadline& deadline, const char* late) {
        pollfd fd{socket_.get(), events, 0};
        const int ready = ::poll(&fd, 1, int(deadline.remaining().count()));
        if (ready == 0) throw Broken(late);
        if (ready < 0 && errno != EINTR) throw Broken(std::strerror(errno));
    }

    Deadline deadline_;
    Fd socket_;
    std::string buffer_;
};

// The whole of what came on stdout: CGI headers, an empty line, the body.
std::string read_output(Conversation& conversation) {
    std::string output;
    for (;;) {
        const auto header = conversation.receive(header_size);
        const auto byte = [&](std::size_t at) { return std::size_t(std::uint8_t(header[at])); };
        if (byte(0) != version) throw Broken("what came is not FastCGI");
        const auto content = conversation.receive((byte(4) << 8) | byte(5));
        conversation.receive(byte(6));
        if (byte(1) == end_request) return output;
        // The headers must fit in, too.
        if (byte(1) == out && output.size() < 2 * body_limit) output += content;
    }
}

void read_page(const std::string& output, Answer& answer) {
    answer.status = 200;
    std::size_t at = 0;
    for (;;) {
        const auto end = output.find('\n', at);
        if (end == std::string::npos) throw Broken("what came has no body");
        const auto line = trim(std::string_view(output).substr(at, end - at));
        at = end + 1;
        if (line.empty()) break;
        constexpr std::string_view key = "Status:";
        if (!line.starts_with(key)) continue;
        const auto words = split_words(line.substr(key.size()));
        answer.status = words.empty() ? 0 : int(parse_integer(words[0]).value_or(0));
    }
    answer.body = output.substr(at, body_limit);
}

}  // namespace

std::optional<FastcgiTarget> parse_fastcgi_target(const std::string& word) {
    if (word.starts_with('/')) return FastcgiTarget{word, "", 0};
    const auto colon = word.rfind(':');
    auto address = colon == std::string::npos ? "" : word.substr(0, colon);
    const auto port = parse_integer(word.substr(colon == std::string::npos ? 0 : colon + 1));
    if (!port || *port < 1 || *port > 65535) return std::nullopt;
    if (address.starts_with('[') && address.ends_with(']')) {
        address = address.substr(1, address.size() - 2);
        in6_addr v6;
        if (::inet_pton(AF_INET6, address.c_str(), &v6) != 1) return std::nullopt;
        return FastcgiTarget{"", address == "::" ? "::1" : address, int(*port)};
    }
    if (address.empty() || address == "*" || address == "0.0.0.0") address = "127.0.0.1";
    in_addr v4;
    if (::inet_pton(AF_INET, address.c_str(), &v4) != 1) return std::nullopt;
    return FastcgiTarget{"", address, int(*port)};
}

Answer ask_fastcgi(const FastcgiTarget& target, const std::string& script,
                   const Patience& patience) {
    Answer answer;
    const auto begin = std::chrono::steady_clock::now();
    try {
        Conversation conversation(target, patience);
        conversation.send(request_for(script));
        read_page(read_output(conversation), answer);
        answer.reached = true;
    } catch (const Broken& broken) {
        answer.error = broken.what();
    }
    answer.took = std::chrono::ceil<Milliseconds>(std::chrono::steady_clock::now() - begin);
    return answer;
}

}  // namespace duet
