// SPDX-License-Identifier: GPL-2.0-or-later
#include "expression.hpp"

#include <regex.h>

#include <array>

namespace duet {

struct Expression::Compiled {
    regex_t regex{};
    ~Compiled() { ::regfree(&regex); }
};

Expression::Expression(const std::string& text) {
    auto compiled = std::make_shared<Compiled>();
    const int error =
        ::regcomp(&compiled->regex, text.c_str(), REG_EXTENDED | REG_NOSUB | REG_NEWLINE);
    if (error) {
        std::array<char, 256> words{};
        ::regerror(error, &compiled->regex, words.data(), words.size());
        problem_ = words.data();
        return;
    }
    compiled_ = std::move(compiled);
}

bool Expression::matches(const std::string& text) const {
    return compiled_ && ::regexec(&compiled_->regex, text.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace duet
