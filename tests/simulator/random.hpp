// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers from a seed: the same seed gives the same schedule on every machine (splitmix64).
#pragma once

#include <cstdint>

namespace duet::simulator {

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    int below(int count) { return int((next() >> 32) * std::uint64_t(count) >> 32); }
    bool one_in(int count) { return below(count) == 0; }

  private:
    std::uint64_t state_;
};

}  // namespace duet::simulator
