// SPDX-License-Identifier: GPL-2.0-or-later
#include "cases.hpp"

#include <stdexcept>

#include "file.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

std::vector<std::string> items_of(const std::string& text, char separator) {
    std::vector<std::string> items;
    for (const auto& item : split(text, separator)) items.push_back(join(split_words(item), " "));
    return items;
}

Step read_step(const std::string& line, int number) {
    Step step;
    step.line = number;
    step.words = split_words(line);
    step.verb = step.words.front();
    step.words.erase(step.words.begin());
    const auto rest = join(step.words, " ");
    step.items = items_of(rest, step.verb == "order:" || step.verb == "free:" ? '<' : ',');
    return step;
}

class Reader {
  public:
    Reader(std::string file, std::vector<std::string> configuration)
        : file_(std::move(file)), configuration_(std::move(configuration)) {}

    void take(const std::string& line, int number) {
        const auto words = split_words(line);
        if (words.empty() || words[0].starts_with('#')) return;
        if (words[0] == "configuration:") {
            configuration_ = {words.begin() + 1, words.end()};
        } else if (words[0] == "case") {
            const auto colon = line.find(':');
            if (words.size() < 3 || colon == std::string::npos)
                throw std::runtime_error("expected 'case NAME: SENTENCE'");
            auto name = words[1];
            name.resize(name.size() - 1);
            cases_.push_back(
                {file_, name, std::string(trim(line.substr(colon + 1))), configuration_, {}, {}});
        } else if (cases_.empty()) {
            throw std::runtime_error("no case has begun");
        } else if (words[0] == "+" || words[0] == "-") {
            cases_.back().changes.push_back(
                {words[0] == "+", join({words.begin() + 1, words.end()}, " ")});
        } else {
            cases_.back().steps.push_back(read_step(line, number));
        }
    }

    std::vector<Case> cases() { return std::move(cases_); }

  private:
    std::string file_;
    std::vector<std::string> configuration_;
    std::vector<Case> cases_;
};

// Long lists go on in the next line, which begins with "...".
std::vector<std::pair<std::string, int>> lines_of(const std::string& text) {
    std::vector<std::pair<std::string, int>> lines;
    int number = 0;
    for (const auto& line : split(text, '\n')) {
        ++number;
        const auto content = trim(line);
        if (content.starts_with("...") && !lines.empty()) {
            lines.back().first += cat(' ', content.substr(3));
        } else {
            lines.emplace_back(line, number);
        }
    }
    return lines;
}

}  // namespace

std::vector<Case> read_cases(const std::string& file) {
    const auto path = cat(DUET_SOURCE, "/tests/scheduler/", file);
    const auto text = read_file(path);
    if (!text) throw std::runtime_error(path + " cannot be read");
    Reader reader(file, {});
    for (const auto& [line, number] : lines_of(*text)) try {
            reader.take(line, number);
        } catch (const std::runtime_error& error) {
            throw std::runtime_error(cat(path, ':', number, ": ", error.what()));
        }
    return reader.cases();
}

}  // namespace duet::test
