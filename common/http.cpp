// SPDX-License-Identifier: GPL-2.0-or-later
#include "http.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <memory>

#include "failure.hpp"
#include "text.hpp"

namespace duet {

namespace {

void require(bool good, const char* what) {
    if (!good) throw Failure(Exit::generic, cat("libcurl could not ", what));
}

struct Library {
    Library() { require(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "be initialised"); }
    ~Library() { curl_global_cleanup(); }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
};

// ADDRESS[:PORT] as CURLOPT_CONNECT_TO wants it: "::ADDRESS:PORT", for whatever host and port.
std::string connect_to(const std::string& target) {
    const auto bracket = target.rfind(']');
    const auto colon = target.find(':', bracket == std::string::npos ? 0 : bracket);
    return cat("::", target, colon == std::string::npos ? ":" : "");
}

// To libcurl no time at all means all the time in the world.
long limit(Milliseconds span) { return std::max(1L, long(span.count())); }

std::size_t keep(char* data, std::size_t, std::size_t size, void* into) {
    auto& body = *static_cast<std::string*>(into);
    body.append(data, std::min(size, body_limit - std::min(body_limit, body.size())));
    return size;
}

class Transfer {
  public:
    Transfer(CURLM* multi, const HttpRequest& request, const Patience& patience)
        : multi_(multi), easy_(curl_easy_init()) {
        require(easy_ != nullptr, "make a transfer");
        set_target(request);
        curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, limit(patience.connect));
        curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, limit(patience.total));
        curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy_, CURLOPT_NOPROXY, "*");
        curl_easy_setopt(easy_, CURLOPT_USERAGENT, "duet/" DUET_VERSION);
        curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_.data());
        curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, keep);
        curl_easy_setopt(easy_, CURLOPT_WRITEDATA, &answer_.body);
        curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
        require(curl_multi_add_handle(multi_, easy_) == CURLM_OK, "begin a transfer");
    }
    ~Transfer() {
        curl_multi_remove_handle(multi_, easy_);
        curl_easy_cleanup(easy_);
        curl_slist_free_all(connect_to_);
    }
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    void finish(CURLcode code) {
        long status = 0;
        curl_off_t microseconds = 0;
        curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(easy_, CURLINFO_TOTAL_TIME_T, &microseconds);
        answer_.reached = code == CURLE_OK;
        answer_.status = int(status);
        answer_.took = std::chrono::ceil<Milliseconds>(std::chrono::microseconds(microseconds));
        if (code != CURLE_OK) answer_.error = error_[0] ? error_.data() : curl_easy_strerror(code);
    }
    const Answer& answer() const { return answer_; }

  private:
    void set_target(const HttpRequest& request) {
        curl_easy_setopt(easy_, CURLOPT_URL, request.url.c_str());
        curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, request.verify ? 1L : 0L);
        curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, request.verify ? 2L : 0L);
        if (!request.ca.empty()) curl_easy_setopt(easy_, CURLOPT_CAINFO, request.ca.c_str());
        if (request.target.empty()) return;
        if (request.target.starts_with('/')) {
            curl_easy_setopt(easy_, CURLOPT_UNIX_SOCKET_PATH, request.target.c_str());
            return;
        }
        connect_to_ = curl_slist_append(nullptr, connect_to(request.target).c_str());
        curl_easy_setopt(easy_, CURLOPT_CONNECT_TO, connect_to_);
    }

    CURLM* multi_;
    CURL* easy_;
    curl_slist* connect_to_ = nullptr;
    std::array<char, CURL_ERROR_SIZE> error_{};
    Answer answer_;
};

void perform(CURLM* multi) {
    for (int running = 1; running > 0;) {
        require(curl_multi_perform(multi, &running) == CURLM_OK, "go on with its transfers");
        int left = 0;
        while (const auto* message = curl_multi_info_read(multi, &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            void* transfer = nullptr;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
            static_cast<Transfer*>(transfer)->finish(message->data.result);
        }
        if (running > 0) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
    }
}

}  // namespace

std::vector<Answer> fetch(const std::vector<HttpRequest>& requests, const Patience& patience) {
    if (requests.empty()) return {};
    const Library library;
    const std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi(curl_multi_init(),
                                                                      &curl_multi_cleanup);
    require(multi != nullptr, "be used");
    std::vector<std::unique_ptr<Transfer>> transfers;
    for (const auto& request : requests)
        transfers.push_back(std::make_unique<Transfer>(multi.get(), request, patience));
    perform(multi.get());
    std::vector<Answer> answers;
    for (const auto& transfer : transfers) answers.push_back(transfer->answer());
    return answers;
}

}  // namespace duet
