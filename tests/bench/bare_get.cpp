// SPDX-License-Identifier: GPL-2.0-or-later
// The least that one GET over libcurl can cost: one transfer, nothing else.
#include <curl/curl.h>

#include <cstddef>

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    auto* transfer = curl_easy_init();
    if (!transfer) return 1;
    curl_easy_setopt(transfer, CURLOPT_URL, argv[1]);
    curl_easy_setopt(transfer, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION,
                     +[](char*, std::size_t size, std::size_t count, void*) { return size * count; });
    const auto ended = curl_easy_perform(transfer);
    curl_easy_cleanup(transfer);
    return ended == CURLE_OK ? 0 : 1;
}
