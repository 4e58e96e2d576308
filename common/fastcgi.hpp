// SPDX-License-Identifier: GPL-2.0-or-later
// A FastCGI client, enough to ask php-fpm for its ping and status pages on its own socket. Always
// a whole request: a connection that is opened and closed again upsets php-fpm.
#pragma once

#include <optional>
#include <string>

#include "answer.hpp"

namespace duet {

// Where php-fpm listens, in the words of its own configuration: "/path", "PORT", "ADDRESS:PORT"
// or "[ADDRESS]:PORT". A listener on all addresses is asked over the loopback.
struct FastcgiTarget {
    std::string path;     // of a unix socket, or
    std::string address;  // numeric
    int port = 0;
};
std::optional<FastcgiTarget> parse_fastcgi_target(const std::string& word);

// `script` is the path part of an address, with an optional "?query".
Answer ask_fastcgi(const FastcgiTarget& target, const std::string& script,
                   const Patience& patience);

}  // namespace duet
