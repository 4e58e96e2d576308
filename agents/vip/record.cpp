// SPDX-License-Identifier: GPL-2.0-or-later
#include "record.hpp"

#include <unistd.h>

#include <system_error>

#include "file.hpp"
#include "text.hpp"

namespace duet::vip {

namespace {

std::string path_of(const Call& call) { return run_directory(call) + "/held"; }

}  // namespace

std::vector<Want> recorded(const Call& call) try {
    std::vector<Want> wants;
    for (const auto& line : split(read_file(path_of(call)).value_or(""), '\n')) {
        const auto words = split_words(line);
        if (words.size() != 3) continue;
        const auto address = parse_address(words[0]);
        const auto prefix = parse_integer(words[1]), link = parse_integer(words[2]);
        if (address && prefix && link) wants.push_back({*address, int(*prefix), int(*link)});
    }
    return wants;
} catch (const std::system_error&) {
    return {};
}

void record(const Call& call, const std::vector<Want>& wants) {
    std::string content;
    for (const auto& want : wants)
        content += cat(text_of(want.address), ' ', want.prefix, ' ', want.link, '\n');
    replace_file(path_of(call), content, Durability::none);
}

void forget(const Call& call) { ::unlink(path_of(call).c_str()); }

}  // namespace duet::vip
