// SPDX-License-Identifier: GPL-2.0-or-later
// A database client as impatient as a visitor: every wait in milliseconds, which Connector/C's
// blocking calls, whose shortest time-out is a second, cannot give. And a page fetcher.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "clock.hpp"

namespace duet::lab {

struct DatabaseAddress {
    std::string host;    // or
    std::string socket;  // of a node, as this machine can open it
    std::string user, password;
};

enum class Outcome {
    done,
    refused,  // the server said no: nothing was committed
    unknown,  // no answer, or the connection broke: committed or not
};

class SiteClient {
  public:
    SiteClient(DatabaseAddress address, Milliseconds connect_limit);
    ~SiteClient();
    SiteClient(const SiteClient&) = delete;
    SiteClient& operator=(const SiteClient&) = delete;

    // Connects first where it must: that failing is `refused`. After `unknown` the connection is
    // gone.
    Outcome execute(const std::string& statement, Milliseconds limit);
    // The first column of the first row; empty where there is none or it did not work.
    std::string value(const std::string& statement, Milliseconds limit);
    // Number and words of the server's last refusal.
    const std::string& error() const { return error_; }

  private:
    struct Handle;
    bool connect();
    Outcome fail();

    DatabaseAddress address_;
    Milliseconds connect_limit_;
    std::unique_ptr<Handle> handle_;
    std::string error_;
};

struct Page {
    int status = 0;  // 0: no answer
    std::string body;
    std::string error;

    // What index.php says after "server: "; empty where it says nothing.
    std::string server() const;
};
Page fetch_page(const std::string& url, Milliseconds connect_limit, Milliseconds limit);

// The calling thread's network becomes that of process `pid`, for good. Throws std::system_error.
void enter_network_of(int pid);

}  // namespace duet::lab
