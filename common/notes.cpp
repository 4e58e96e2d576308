// SPDX-License-Identifier: GPL-2.0-or-later
#include "notes.hpp"

#include <chrono>

#include "file.hpp"
#include "text.hpp"

namespace duet {

Notes::Notes(std::string path) : path_(std::move(path)) {
    for (const auto& line : split(read_file(path_).value_or(""), '\n')) {
        const auto equals = line.find('=');
        if (equals != std::string::npos) values_[line.substr(0, equals)] = line.substr(equals + 1);
    }
}

std::optional<std::string> Notes::get(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return found->second;
}

void Notes::set(const std::string& name, const std::string& value) {
    const auto [entry, added] = values_.try_emplace(name, value);
    if (!added && entry->second == value) return;
    entry->second = value;
    save();
}

void Notes::erase(const std::string& name) {
    if (values_.erase(name)) save();
}

long Notes::now() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return long(std::chrono::duration_cast<Milliseconds>(now).count());
}

Milliseconds Notes::running(const std::string& name) {
    if (const auto span = since(name)) return *span;
    set(name, cat(now()));
    return Milliseconds(0);
}

std::optional<Milliseconds> Notes::since(const std::string& name) const {
    const auto start = parse_integer(get(name).value_or(""));
    if (!start) return std::nullopt;
    return Milliseconds(now() - long(*start));
}

void Notes::save() const {
    std::string content;
    for (const auto& [name, value] : values_) content += cat(name, '=', value, '\n');
    replace_file(path_, content, Durability::none);
}

}  // namespace duet
