// SPDX-License-Identifier: GPL-2.0-or-later
// The HTTP and FastCGI clients against servers that keep to no rule.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "expression.hpp"
#include "failure.hpp"
#include "fastcgi.hpp"
#include "file.hpp"
#include "http.hpp"
#include "text.hpp"
#include "web_room.hpp"

namespace duet::test {

namespace {

constexpr Patience patience{Milliseconds(300), Milliseconds(600)};

// Takes one connection on a port of 127.0.0.1, reads what comes first and does as told.
class Server {
  public:
    explicit Server(std::function<void(int)> talk) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size);
        ::listen(socket_.get(), 4);
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this, talk = std::move(talk)] {
            const Fd client(::accept(socket_.get(), nullptr, nullptr));
            char block[4096];
            const auto count = ::recv(client.get(), block, sizeof block, 0);
            if (count > 0) heard_.assign(block, std::size_t(count));
            talk(client.get());
        });
    }
    ~Server() { join(); }
    void join() {
        if (thread_.joinable()) thread_.join();
    }
    std::string url(const std::string& page = "/") const {
        return cat("http://127.0.0.1:", port_, page);
    }
    int port() const { return port_; }
    const std::string& heard() const { return heard_; }

  private:
    Fd socket_;
    int port_ = 0;
    std::string heard_;
    std::thread thread_;
};

void say(int client, const std::string& words) {
    ::send(client, words.data(), words.size(), MSG_NOSIGNAL);
}

Answer get(const HttpRequest& request) { return fetch({request}, patience).front(); }

TEST(Http, AnswersHaveStatusAndBody) {
    Server server([](int client) {
        say(client, "HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nsick");
    });
    const auto answer = get({server.url()});
    EXPECT_TRUE(answer.reached);
    EXPECT_EQ(503, answer.status);
    EXPECT_EQ("sick", answer.body);
}

TEST(Http, RedirectsAreNotFollowed) {
    Server server([](int client) {
        say(client, "HTTP/1.1 301 There\r\nLocation: http://192.0.2.99/\r\nContent-Length: 0\r\n\r\n");
    });
    EXPECT_EQ(301, get({server.url()}).status);
}

TEST(Http, ABodyWithoutEndIsNoAnswerAndNotKept) {
    Server server([](int client) {
        say(client, "HTTP/1.1 200 OK\r\n\r\n");
        const std::string block(64 * 1024, 'x');
        while (::send(client, block.data(), block.size(), MSG_NOSIGNAL) > 0) {
        }
    });
    Answer answer;
    EXPECT_LT(timed([&] { answer = get({server.url()}); }), Milliseconds(3'000));
    EXPECT_FALSE(answer.reached);
    EXPECT_EQ(body_limit, answer.body.size());
}

TEST(Http, AServerThatDripsIsNotWaitedFor) {
    Server server([](int client) {
        say(client, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
        for (int i = 0; i < 100 && ::send(client, ".", 1, MSG_NOSIGNAL) == 1; ++i)
            std::this_thread::sleep_for(Milliseconds(50));
    });
    Answer answer;
    EXPECT_LT(timed([&] { answer = get({server.url()}); }), Milliseconds(3'000));
    EXPECT_FALSE(answer.reached);
    EXPECT_NE("", answer.error);
}

TEST(Http, TheTargetIsAskedForTheUrlsHost) {
    Server server([](int client) { say(client, "HTTP/1.1 204 Nothing\r\n\r\n"); });
    const auto answer =
        get({"http://www.example.com/page", cat("127.0.0.1:", server.port())});
    server.join();
    EXPECT_EQ(204, answer.status) << answer.error;
    EXPECT_TRUE(server.heard().starts_with("GET /page HTTP/1.1\r\n")) << server.heard();
    EXPECT_NE(std::string::npos, server.heard().find("Host: www.example.com\r\n"));
}

TEST(Http, NoProxyIsAsked) {
    ::setenv("http_proxy", "http://127.0.0.1:1/", 1);
    Server server([](int client) { say(client, "HTTP/1.1 204 Nothing\r\n\r\n"); });
    EXPECT_EQ(204, get({server.url()}).status);
    ::unsetenv("http_proxy");
}

TEST(Http, NoTimeIsNotAllTheTime) {
    const Mute mute(9102);
    Answer answer;
    EXPECT_LT(timed([&] { answer = fetch({{"http://127.0.0.1:9102/"}}, {}).front(); }),
              Milliseconds(10'000));
    const Patience none{Milliseconds(0), Milliseconds(0)};
    EXPECT_LT(timed([&] { answer = fetch({{"http://127.0.0.1:9102/"}}, none).front(); }),
              Milliseconds(1'000));
    EXPECT_FALSE(answer.reached);
}

TEST(Http, NothingIsAskedOfNobody) { EXPECT_TRUE(fetch({}, patience).empty()); }

Answer ask(int port) { return ask_fastcgi({"", "127.0.0.1", port}, "/ping?x=1", patience); }

std::string record(char type, const std::string& content, char padding = 0) {
    return std::string{1, type, 0, 1, 0, char(content.size()), padding, 0} + content +
           std::string(std::size_t(padding), '\0');
}

TEST(Fastcgi, RecordsMayComeInPieces) {
    Server server([](int client) {
        const auto all = record(7, "a warning") +
                         record(6, "Status: 201 Made\r\nContent-type: text/plain\r\n\r\npo", 5) +
                         record(6, "ng") + record(6, "") + record(3, std::string(8, '\0'));
        for (const char c : all) {
            say(client, std::string(1, c));
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
    });
    const auto answer = ask(server.port());
    server.join();
    EXPECT_TRUE(answer.reached) << answer.error;
    EXPECT_EQ(201, answer.status);
    EXPECT_EQ("pong", answer.body);
    EXPECT_NE(std::string::npos, server.heard().find("QUERY_STRINGx=1"));
    EXPECT_NE(std::string::npos, server.heard().find("SCRIPT_NAME/ping"));
}

TEST(Fastcgi, WhatBreaksOffIsNoAnswer) {
    for (const std::string& words :
         {std::string(), std::string("HTTP/1.1 400 Bad\r\n\r\n"), record(6, "Status: 200\r\n\r\npong"),
          record(6, "no headers") + record(3, std::string(8, '\0')), std::string("\1\6\0\1", 4)}) {
        Server server([words](int client) { say(client, words); });
        const auto answer = ask(server.port());
        EXPECT_FALSE(answer.reached) << words;
        EXPECT_NE("", answer.error);
    }
}

TEST(Fastcgi, ASilentServerIsNotWaitedFor) {
    const Mute mute(9100);
    Answer answer;
    EXPECT_LT(timed([&] { answer = ask(9100); }), Milliseconds(3'000));
    EXPECT_EQ("no answer in time", answer.error);
    EXPECT_GE(answer.took, patience.total);
}

TEST(Fastcgi, NobodyThereIsAnAnswer) {
    EXPECT_EQ("Connection refused", ask(9101).error);
    EXPECT_EQ("No such file or directory",
              ask_fastcgi({"/run/no.sock", "", 0}, "/ping", patience).error);
    EXPECT_EQ("the path is too long",
              ask_fastcgi({"/" + std::string(200, 'x'), "", 0}, "/ping", patience).error);
}

TEST(Fastcgi, TargetsAreReadOrRefused) {
    EXPECT_EQ("/run/php.sock", parse_fastcgi_target("/run/php.sock")->path);
    EXPECT_EQ("127.0.0.1", parse_fastcgi_target("9000")->address);
    EXPECT_EQ("127.0.0.1", parse_fastcgi_target("0.0.0.0:9000")->address);
    EXPECT_EQ("192.0.2.1", parse_fastcgi_target("192.0.2.1:9000")->address);
    EXPECT_EQ("2001:db8::1", parse_fastcgi_target("[2001:db8::1]:9000")->address);
    EXPECT_EQ("::1", parse_fastcgi_target("[::]:9000")->address);
    for (const char* wrong : {"", "php.sock", "0", "65536", "localhost:9000", "1.2.3:9000",
                              "::1:9000", "[1.2.3.4]:9000", "127.0.0.1:"})
        EXPECT_FALSE(parse_fastcgi_target(wrong)) << wrong;
}

TEST(Expressions, MatchAnywhereAndSayWhatIsWrong) {
    EXPECT_TRUE(Expression("^two$").matches("one\ntwo\nthree"));
    EXPECT_FALSE(Expression("^wo$").matches("one\ntwo\nthree"));
    EXPECT_TRUE(Expression("a+(b|c)").matches("xaaacx"));
    EXPECT_FALSE(Expression("a").problem());
    EXPECT_TRUE(Expression("(a").problem());
    EXPECT_FALSE(Expression("(a").matches("(a"));
    EXPECT_TRUE(Expression("x.*y").matches("x" + std::string(60'000, 'z') + "y"));
}

}  // namespace

}  // namespace duet::test

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    return duet::test::in_sandbox([] {
        duet::test::make_lan();
        return RUN_ALL_TESTS();
    });
}
