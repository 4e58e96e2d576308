// SPDX-License-Identifier: GPL-2.0-or-later
#include "disk.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/major.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "failure.hpp"
#include "text.hpp"

namespace duet::lab {

Fd disk_of(pid_t pid) {
    Fd folder(::open(cat("/proc/", pid, "/root/var/lib/mysql").c_str(),
                     O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat status{};
    if (folder && ::fstat(folder.get(), &status) == 0 && major(status.st_dev) == LOOP_MAJOR)
        return folder;
    return Fd();
}

void freeze(const Fd& disk) {
    if (!disk) throw Failure(Exit::generic, "the data directory has no disk of its own");
    if (::ioctl(disk.get(), FIFREEZE, 0) != 0) throw_errno("freeze the disk");
}

void thaw(const Fd& disk) {
    if (disk) ::ioctl(disk.get(), FITHAW, 0);
}

}  // namespace duet::lab
