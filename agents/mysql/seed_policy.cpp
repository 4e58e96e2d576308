// SPDX-License-Identifier: GPL-2.0-or-later
#include "seed_policy.hpp"

#include <algorithm>
#include <charconv>

namespace duet::mysql {

SeedStep toward_seed(const SeedView& view) {
    if (view.running) return SeedStep::none;
    // It may be the only copy of what clients were told.
    if (!view.superseded) return view.asked ? SeedStep::refuse : SeedStep::none;
    if (!view.peer_serves) return SeedStep::none;
    if (view.asked) return SeedStep::begin;
    if (!view.automatic || !view.lost || view.contested) return SeedStep::none;
    const bool too_soon = view.failures > 0 && view.since_failure &&
                          *view.since_failure < pause_before_retry(view.failures);
    return too_soon ? SeedStep::none : SeedStep::begin;
}

std::string why_not_seeded(const SeedView& view) {
    return view.superseded ? "" : "no other server has been promoted since this one: its data may "
                                  "be the only copy";
}

std::chrono::milliseconds pause_before_retry(int failures) {
    using namespace std::chrono_literals;
    auto pause = std::chrono::milliseconds(1min);
    for (int i = 1; i < failures && pause < 1h; ++i) pause *= 2;
    return std::min<std::chrono::milliseconds>(pause, 1h);
}

std::string to_text(const SeedRequest& request) {
    return "want:" + request.word + ':' + std::to_string(request.port);
}

std::optional<SeedRequest> parse_seed_request(const std::string& text) {
    constexpr std::string_view prefix = "want:";
    const auto colon = text.rfind(':');
    if (!text.starts_with(prefix) || colon <= prefix.size()) return std::nullopt;
    SeedRequest request;
    request.word = text.substr(prefix.size(), colon - prefix.size());
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, request.port);
    if (error != std::errc() || stop != end || request.port < 1 || request.port > 65535)
        return std::nullopt;
    return request;
}

}  // namespace duet::mysql
