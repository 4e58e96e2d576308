// SPDX-License-Identifier: GPL-2.0-or-later
#include "parameters.hpp"

#include <algorithm>

#include "text.hpp"

namespace duet {

std::optional<std::string> assign(std::string& value, const std::string& text,
                                  const Traits& traits) {
    const std::string word(trim(text));
    if (word.find_first_of("\n\r") != std::string::npos) return "a single line";
    const auto choices = split_words(traits.choices);
    if (!choices.empty() && std::find(choices.begin(), choices.end(), word) == choices.end())
        return cat("one of ", join(choices, ", "));
    value = word;
    return std::nullopt;
}

std::optional<std::string> assign(int& value, const std::string& text, const Traits& traits) {
    const bool limited = traits.least != 0 || traits.most != 0;
    const auto number = parse_integer(trim(text));
    const bool fits = number && *number >= (limited ? traits.least : INT32_MIN) &&
                      *number <= (limited ? traits.most : INT32_MAX);
    if (!fits)
        return limited ? cat("a whole number from ", traits.least, " to ", traits.most)
                       : std::string("a whole number");
    value = int(*number);
    return std::nullopt;
}

std::optional<std::string> assign(bool& value, const std::string& text, const Traits&) {
    const auto truth = parse_boolean(trim(text));
    if (!truth) return "true or false";
    value = *truth;
    return std::nullopt;
}

std::optional<std::string> assign(Milliseconds& value, const std::string& text, const Traits&) {
    const auto span = parse_duration(trim(text));
    if (!span) return "a time such as 20s, 500ms or 2m";
    value = *span;
    return std::nullopt;
}

std::optional<std::string> assign(std::vector<std::string>& value, const std::string& text,
                                  const Traits& traits) {
    auto words = split_words(text);
    const auto choices = split_words(traits.choices);
    for (const auto& word : words)
        if (!choices.empty() && std::find(choices.begin(), choices.end(), word) == choices.end())
            return cat("words out of ", join(choices, ", "));
    value = std::move(words);
    return std::nullopt;
}

}  // namespace duet
