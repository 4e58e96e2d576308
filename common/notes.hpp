// SPDX-License-Identifier: GPL-2.0-or-later
// What an agent remembers from one action to the next: names and values in a small file.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "clock.hpp"

namespace duet {

class Notes {
  public:
    // An absent or unreadable file is an empty one.
    explicit Notes(std::string path);

    std::optional<std::string> get(const std::string& name) const;
    // Written at once, replacing the file, when the value changed. Values hold no newline.
    void set(const std::string& name, const std::string& value);
    void erase(const std::string& name);

    // The monotonic clock in milliseconds, which ends with the boot as files in /run do.
    static long now();
    // Starts the stopwatch `name` when it does not run; how long it has been running.
    Milliseconds running(const std::string& name);
    std::optional<Milliseconds> since(const std::string& name) const;

  private:
    void save() const;

    std::string path_;
    std::map<std::string, std::string> values_;
};

}  // namespace duet
