// SPDX-License-Identifier: GPL-2.0-or-later
// Small files, read whole and replaced whole.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "clock.hpp"
#include "fd.hpp"

namespace duet {

// The content, at most 1 MiB of it; nothing where it cannot be read.
std::optional<std::string> read_file(const std::string& path);

enum class Durability {
    none,   // whole after a crash of the process
    synced  // whole after a power cut: file and folder are fsynced
};
// Writes a temporary file beside `path` and renames it. Throws std::system_error; the old content
// then still stands.
void replace_file(const std::string& path, const std::string& content, Durability durability,
                  mode_t mode = 0600);

// What is wrong with a file of secrets ("... must have mode 0600 or 0400, it has 0644"), or
// nothing. Absent is wrong, too.
std::optional<std::string> secret_problem(const std::string& path);

// flock(2) on a file that is made when absent: one holder at a time, freed by the kernel when the
// holder dies. Throws Failure(generic) naming the file when the deadline passes first.
Fd lock_file(const std::string& path, const Deadline& deadline);

}  // namespace duet
