// SPDX-License-Identifier: GPL-2.0-or-later
// A POSIX extended regular expression. (std::regex recurses over its subject, and a long page
// overflows the stack.)
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace duet {

class Expression {
  public:
    explicit Expression(const std::string& text);

    // What is wrong with it ("Unmatched ( or \("), or nothing.
    const std::optional<std::string>& problem() const { return problem_; }
    // Anywhere in the text; a line's begin and end are ^ and $. False where there is a problem.
    bool matches(const std::string& text) const;

  private:
    struct Compiled;
    std::shared_ptr<Compiled> compiled_;
    std::optional<std::string> problem_;
};

}  // namespace duet
