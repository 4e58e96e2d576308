// SPDX-License-Identifier: GPL-2.0-or-later
#include "call.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "failure.hpp"
#include "text.hpp"

namespace duet {

namespace {

std::string or_empty(const std::optional<std::string>& value) { return value.value_or(""); }

std::optional<Milliseconds> milliseconds(const std::optional<std::string>& value) {
    const auto number = value ? parse_integer(trim(*value)) : std::nullopt;
    if (!number || *number < 0 || *number > 1'000'000'000) return std::nullopt;
    return Milliseconds(*number);
}

// "db:0" is the name of a clone's instance up to Pacemaker 1.1.8 and of unique clones.
std::string instance_name(std::string name, const std::string& agent) {
    name = name.substr(0, name.find(':'));
    std::replace(name.begin(), name.end(), '/', '_');
    return name.empty() || name == "." || name == ".." ? agent : name;
}

Notification read_notification(const Environment& environment) {
    const auto meta = [&](const std::string& name) {
        return or_empty(environment("OCF_RESKEY_CRM_meta_notify_" + name));
    };
    const auto nodes = [&](const std::string& name) { return split_words(meta(name + "_uname")); };
    Notification notification;
    notification.post = meta("type") == "post";
    notification.operation = meta("operation");
    notification.starting = nodes("start");
    notification.stopping = nodes("stop");
    notification.promoting = nodes("promote");
    notification.demoting = nodes("demote");
    notification.active = nodes("active");
    notification.promoted = nodes("promoted");
    notification.unpromoted = nodes("unpromoted");
    return notification;
}

void make_directory(const std::string& path, mode_t mode) {
    if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
        throw_errno(cat("make the folder '", path, "'"));
}

}  // namespace

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        if (!value) return std::nullopt;
        return value;
    };
}

Call read_call(const std::string& agent, const std::string& action, Milliseconds advised_timeout,
               const Environment& environment) {
    Call call;
    call.agent = agent;
    call.action = action;
    call.instance = instance_name(or_empty(environment("OCF_RESOURCE_INSTANCE")), agent);
    call.node = or_empty(environment("OCF_RESKEY_CRM_meta_on_node"));
    const auto interval = milliseconds(environment("OCF_RESKEY_CRM_meta_interval"));
    call.probe = action == "monitor" && interval.value_or(Milliseconds(0)) == Milliseconds(0);
    auto level = environment("OCF_CHECK_LEVEL");
    if (!level) level = environment("OCF_RESKEY_OCF_CHECK_LEVEL");
    call.check_level = int(parse_integer(trim(or_empty(level))).value_or(0));
    const auto timeout = milliseconds(environment("OCF_RESKEY_CRM_meta_timeout"));
    const auto whole = timeout && timeout->count() > 0 ? *timeout : advised_timeout;
    call.deadline = Deadline::after(whole - std::min(whole / 10, Milliseconds(2000)));
    call.notification = read_notification(environment);
    return call;
}

std::string run_directory(const Call& call) {
    const std::string root = DUET_RUNDIR;
    make_directory(root, 0755);
    const auto path = cat(root, '/', call.agent, '-', call.instance);
    make_directory(path, 0700);
    return path;
}

}  // namespace duet
