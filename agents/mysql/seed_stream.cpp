// SPDX-License-Identifier: GPL-2.0-or-later
#include "seed_stream.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "failure.hpp"
#include "log.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr int key_rounds = 200'000;
constexpr Milliseconds handshake_time{5'000};
constexpr std::uint32_t end_mark = 0xffffffff, failure_mark = 0xfffffffe;
constexpr const char* identity = "duet-seed";
constexpr std::size_t longest_line = 64 * 1024;

[[noreturn]] void fail(const std::string& sentence) { throw Failure(Exit::generic, sentence); }

std::string tls_error() {
    const auto code = ::ERR_peek_last_error();
    ::ERR_clear_error();
    if (!code) return "the connection ended";
    const auto* reason = ::ERR_reason_error_string(code);
    return reason ? reason : "TLS failed";
}

unsigned give_key(SSL* ssl, unsigned char* into, unsigned room) {
    const auto* key = static_cast<const SeedKey*>(SSL_get_app_data(ssl));
    if (!key || room < key->size()) return 0;
    std::copy(key->begin(), key->end(), into);
    return unsigned(key->size());
}

unsigned client_key(SSL* ssl, const char*, char* name, unsigned name_room, unsigned char* into,
                    unsigned room) {
    if (std::strlen(identity) + 1 > name_room) return 0;
    std::strcpy(name, identity);
    return give_key(ssl, into, room);
}

unsigned server_key(SSL* ssl, const char* name, unsigned char* into, unsigned room) {
    return name && std::strcmp(name, identity) == 0 ? give_key(ssl, into, room) : 0;
}

struct FreeContext {
    void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
};
struct FreeSsl {
    void operator()(SSL* ssl) const { ::SSL_free(ssl); }
};

std::unique_ptr<SSL_CTX, FreeContext> make_context() {
    std::unique_ptr<SSL_CTX, FreeContext> context(::SSL_CTX_new(TLS_method()));
    // The hash of the suite must be the key's, SHA-256. Always with an ephemeral exchange on top.
    if (!context || ::SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
        ::SSL_CTX_set_ciphersuites(context.get(),
                                   "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256") != 1)
        fail(cat("could not set TLS up: ", tls_error()));
    ::SSL_CTX_set_num_tickets(context.get(), 0);
    ::SSL_CTX_set_psk_client_callback(context.get(), client_key);
    ::SSL_CTX_set_psk_server_callback(context.get(), server_key);
    return context;
}

void set_patience(const Fd& socket, Milliseconds span) {
    timeval time{};
    time.tv_sec = span.count() / 1000;
    time.tv_usec = (span.count() % 1000) * 1000;
    for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO})
        if (::setsockopt(socket.get(), SOL_SOCKET, option, &time, sizeof time) != 0)
            throw_errno("set the time-out of a socket");
}

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

AddressList resolve(const std::string& address, int port, int flags) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    const int error = ::getaddrinfo(address.c_str(), cat(port).c_str(), &hints, &found);
    if (error) fail(cat("'", address, "' is no address: ", ::gai_strerror(error)));
    return {found, &::freeaddrinfo};
}

void put(std::string& bytes, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += char(value >> shift & 0xff);
}

}  // namespace

struct SeedStream::Handle {
    Fd socket;
    SeedKey key{};
    std::unique_ptr<SSL_CTX, FreeContext> context = make_context();
    std::unique_ptr<SSL, FreeSsl> ssl;

    // False when the other end does not know the key.
    bool shake_hands(bool client, Milliseconds silence) {
        set_patience(socket, handshake_time);
        ssl.reset(::SSL_new(context.get()));
        SSL_set_app_data(ssl.get(), &key);
        ::SSL_set_fd(ssl.get(), socket.get());
        ::ERR_clear_error();
        if ((client ? ::SSL_connect(ssl.get()) : ::SSL_accept(ssl.get())) != 1) return false;
        set_patience(socket, silence);
        return true;
    }
};

SeedKey make_seed_key(const std::string& password, const std::string& instance) {
    SeedKey key;
    const auto salt = "duet seed " + instance;
    if (::PKCS5_PBKDF2_HMAC(password.data(), int(password.size()),
                            reinterpret_cast<const unsigned char*>(salt.data()), int(salt.size()),
                            key_rounds, ::EVP_sha256(), int(key.size()), key.data()) != 1)
        fail(cat("could not make a key: ", tls_error()));
    return key;
}

Fd listen_for_seed(const std::string& address, int port) {
    const auto list = resolve(address, port, AI_PASSIVE);
    Fd socket(::socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) throw_errno("make a socket");
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(socket.get(), list->ai_addr, list->ai_addrlen) != 0 ||
        ::listen(socket.get(), 4) != 0)
        throw_errno(cat("listen on ", address, " port ", port));
    return socket;
}

SeedStream::SeedStream(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
SeedStream::SeedStream(SeedStream&&) noexcept = default;
SeedStream::~SeedStream() = default;

SeedStream SeedStream::connect(const std::string& address, int port, const SeedKey& key,
                               const Deadline& end, Milliseconds silence) {
    const auto list = resolve(address, port, 0);
    auto handle = std::make_unique<Handle>();
    handle->key = key;
    handle->socket = Fd(::socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!handle->socket) throw_errno("make a socket");
    set_patience(handle->socket, std::max(end.remaining(), Milliseconds(1)));
    if (::connect(handle->socket.get(), list->ai_addr, list->ai_addrlen) != 0)
        throw_errno(cat("connect to ", address, " port ", port));
    errno = 0;
    if (!handle->shake_hands(true, silence))
        fail(errno == EAGAIN ? cat(address, " port ", port, " does not answer")
                             : cat(address, " port ", port,
                                   " does not know the password of replication: ", tls_error()));
    return SeedStream(std::move(handle));
}

SeedStream SeedStream::accept(const Fd& listener, const SeedKey& key, const Deadline& end,
                              Milliseconds silence) {
    for (;;) {
        pollfd waiting{listener.get(), POLLIN, 0};
        const int ready = ::poll(&waiting, 1, int(end.remaining().count()));
        if (ready < 0 && errno != EINTR) throw_errno("wait for the active server");
        if (end.expired()) fail("the active server did not connect in time");
        if (ready <= 0) continue;
        auto handle = std::make_unique<Handle>();
        handle->key = key;
        handle->socket = Fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!handle->socket) continue;
        if (handle->shake_hands(false, silence)) return SeedStream(std::move(handle));
        log::warning("somebody connected who does not know the password of replication: ",
                     tls_error());
    }
}

void SeedStream::write_all(std::string_view bytes) {
    ::ERR_clear_error();
    errno = 0;
    if (::SSL_write(handle_->ssl.get(), bytes.data(), int(bytes.size())) != int(bytes.size()))
        fail(cat("the standby takes nothing any more: ",
                 errno == EAGAIN ? "it is silent" : tls_error()));
}

void SeedStream::read_all(char* into, std::size_t count) {
    while (count > 0) {
        ::ERR_clear_error();
        errno = 0;
        const int got = ::SSL_read(handle_->ssl.get(), into, int(std::min<std::size_t>(count, 1 << 30)));
        if (got <= 0)
            fail(cat("the active server ended in the middle of the data: ",
                     errno == EAGAIN || errno == EWOULDBLOCK ? "it is silent" : tls_error()));
        into += got;
        count -= std::size_t(got);
    }
}

void SeedStream::send_line(std::string_view line) { send(line); }

void SeedStream::send(std::string_view block) {
    std::string bytes;
    bytes.reserve(block.size() + 4);
    put(bytes, std::uint32_t(block.size()));
    bytes += block;
    write_all(bytes);
}

void SeedStream::send_sign_of_life() {
    std::string bytes;
    put(bytes, 0);
    write_all(bytes);
}

void SeedStream::send_end() {
    std::string bytes;
    put(bytes, end_mark);
    write_all(bytes);
    ::SSL_shutdown(handle_->ssl.get());
}

void SeedStream::send_failure(const std::string& sentence) {
    std::string bytes;
    put(bytes, failure_mark);
    write_all(bytes);
    send_line(sentence.empty() ? "it failed" : std::string_view(sentence).substr(0, 1000));
    ::SSL_shutdown(handle_->ssl.get());
}

namespace {

std::uint32_t number(const char* bytes) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

}  // namespace

std::string SeedStream::read_line() {
    char head[4];
    read_all(head, sizeof head);
    const auto size = number(head);
    if (size == failure_mark) fail(cat("the active server could not: ", read_line()));
    if (size == 0 || size > longest_line) fail("the active server does not say what it sends");
    std::string line(size, '\0');
    read_all(line.data(), size);
    return line;
}

void SeedStream::read_blocks(const std::function<void(std::string_view)>& use, Milliseconds idle) {
    std::vector<char> block(most_sent);
    auto end = Deadline::after(idle);
    for (;;) {
        char head[4];
        read_all(head, sizeof head);
        const auto size = number(head);
        if (size == end_mark) return;
        if (size == failure_mark) fail(cat("the active server could not: ", read_line()));
        if (size > block.size()) fail("the active server sends what is no block");
        if (size == 0) {
            if (end.expired())
                fail(cat("the active server had nothing to send for ", format_duration(idle)));
            continue;
        }
        read_all(block.data(), size);
        use({block.data(), size});
        end = Deadline::after(idle);
    }
}

}  // namespace duet::mysql
