// SPDX-License-Identifier: GPL-2.0-or-later
// The connection that a server is seeded over: TLS 1.3, both ends known by a key made of the password
// that replication logs in with, so that nothing else needs to be distributed. No certificates.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "clock.hpp"
#include "fd.hpp"

namespace duet::mysql {

// Slow to compute on purpose: who listens to a handshake can try passwords against it.
using SeedKey = std::array<unsigned char, 32>;
SeedKey make_seed_key(const std::string& password, const std::string& instance);

// A socket that listens on this address alone. Throws std::system_error or Failure(generic).
Fd listen_for_seed(const std::string& address, int port);

class SeedStream {
  public:
    // Throw Failure(generic) with one sentence, as all others do. `silence`: how long the other end may say nothing.
    static SeedStream connect(const std::string& address, int port, const SeedKey& key,
                              const Deadline& end, Milliseconds silence);
    // Whoever does not know the key is turned away, and the next one is waited for.
    static SeedStream accept(const Fd& listener, const SeedKey& key, const Deadline& end,
                             Milliseconds silence);
    SeedStream(SeedStream&&) noexcept;
    ~SeedStream();

    // ---- the giving end ----
    void send_line(std::string_view line);
    void send(std::string_view block);  // not empty, at most most_sent
    void send_sign_of_life();
    void send_end();  // what was sent is whole
    void send_failure(const std::string& sentence);  // it is not, and will not be

    // ---- the taking end ----
    std::string read_line();
    // Hands each block to `use` until the end. A connection that ends before it has failed.
    void read_blocks(const std::function<void(std::string_view)>& use, Milliseconds idle);

    static constexpr std::size_t most_sent = 256 * 1024;

  private:
    struct Handle;
    explicit SeedStream(std::unique_ptr<Handle> handle);
    void write_all(std::string_view bytes);
    void read_all(char* into, std::size_t count);

    std::unique_ptr<Handle> handle_;
};

}  // namespace duet::mysql
