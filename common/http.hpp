// SPDX-License-Identifier: GPL-2.0-or-later
// Pages fetched over libcurl, all at once. No redirects are followed, no proxy is asked.
#pragma once

#include <string>
#include <vector>

#include "answer.hpp"

namespace duet {

struct HttpRequest {
    std::string url;  // http or https
    // ADDRESS[:PORT] or the path of a unix socket, to connect to instead of what the URL names; Host
    // and SNI stay the URL's.
    std::string target = {};
    std::string ca = {};  // file of certificates to check the server's against; empty: system's
    bool verify = true;   // false: any certificate will do
};

// In the order of the requests. Takes as long as the slowest, and never longer than patience.total.
std::vector<Answer> fetch(const std::vector<HttpRequest>& requests, const Patience& patience);

}  // namespace duet
