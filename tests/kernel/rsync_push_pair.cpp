// SPDX-License-Identifier: GPL-2.0-or-later
#include "rsync_push_pair.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <stdexcept>
#include <thread>

#include "daemon.hpp"
#include "file.hpp"
#include "notes.hpp"
#include "text.hpp"

namespace duet::test {

namespace fs = std::filesystem;

namespace {

constexpr Milliseconds patience{30'000};
constexpr auto instance = "files";

pid_t child_of(pid_t parent) {
    pid_t child = -1;
    eventually([&] {
        for (const auto& process : processes())
            if (process.parent() == parent && process.executable().ends_with("/sleep"))
                child = process.pid();
        return child > 0;
    });
    return child;
}

std::string xattr_of(const fs::path& path) {
    char value[256];
    const auto size = ::lgetxattr(path.c_str(), "user.duet", value, sizeof value);
    return size < 0 ? "" : std::string(value, std::size_t(size));
}

}  // namespace

bool eventually(const std::function<bool()>& is_so) {
    const auto end = Deadline::after(Milliseconds(20'000));
    while (!is_so()) {
        if (end.expired()) return false;
        std::this_thread::sleep_for(Milliseconds(20));
    }
    return true;
}

Server::Server(std::string name) : name_(std::move(name)) {
    shell_ = start_daemon({"unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc",
                           "--kill-child", "sleep", "infinity"});
    init_ = child_of(shell_);
    for (const char* folder : {"/run/duet", "/var/lib/duet", "/srv"})
        must(cat("mkdir -p ", folder));
    for (const char* folder : {"/run/duet", "/var/lib/duet", "/srv"})
        must(cat("mount -t tmpfs none ", folder));
    must("mkdir -p /srv/site /srv/conf");
    must("ip link set lo up");
    write("/srv/secret", "the word of the pair\n");
    fs::permissions(path("/srv/secret"), fs::perms(0600));
    parameters = {{"trees", "/srv/site /srv/conf"},
                  {"peers", "a=192.0.2.21 b=192.0.2.22"},
                  {"secret", "/srv/secret"},
                  {"interval", "1s"}};
}

// The whole pid namespace ends with its first process.
Server::~Server() {
    ::kill(init_, SIGKILL);
    if (const auto process = Process::open(shell_)) process->wait(Deadline::after(patience));
}

fs::path Server::path(const std::string& inside) const {
    return cat("/proc/", init_, "/root", inside);
}

Ended Server::run(const std::vector<std::string>& argv,
                  const std::vector<std::string>& environment) const {
    std::vector<std::string> whole{"nsenter", "-t", cat(init_), "-m", "-n", "-p", "-r", "-w"};
    whole.insert(whole.end(), argv.begin(), argv.end());
    RunOptions options;
    options.environment = environment;
    return duet::run(whole, Deadline::after(patience), options);
}

std::string Server::must(const std::string& line) const {
    const auto ended = run(split_words(line));
    if (!ended.succeeded())
        throw std::runtime_error(cat(name_, ": ", line, ' ', ended.how(), ": ", ended.err));
    return ended.out;
}

Ended Server::agent(const std::string& action) const {
    std::vector<std::string> environment{cat("OCF_RESOURCE_INSTANCE=", instance),
                                         "OCF_RESKEY_CRM_meta_on_node=" + name_};
    if (action == "monitor") environment.push_back("OCF_RESKEY_CRM_meta_interval=10000");
    for (const auto& [name, value] : parameters)
        environment.push_back(cat("OCF_RESKEY_", name, '=', value));
    return run({built_agent("rsync-push"), action}, environment);
}

Ended Server::monitor() const {
    return agent("monitor");
}

std::string Server::pusher(const std::string& name) const {
    return Notes(path("/run/duet/rsync-push-files/pusher.notes")).get(name).value_or("");
}

std::string Server::receiver(const std::string& name) const {
    return Notes(path("/run/duet/rsync-push-files/receiver.notes")).get(name).value_or("");
}

std::vector<pid_t> Server::pids_with(const std::string& word) const {
    std::vector<pid_t> found;
    const auto mine = fs::read_symlink(cat("/proc/", init_, "/ns/pid"));
    for (const auto& process : processes()) {
        std::error_code gone;
        if (fs::read_symlink(cat("/proc/", process.pid(), "/ns/pid"), gone) != mine) continue;
        const auto words = process.command_line();
        if (std::find(words.begin(), words.end(), word) != words.end())
            found.push_back(process.pid());
    }
    return found;
}

std::vector<std::string> Server::listening() const {
    std::vector<std::string> found;
    for (const char* table : {"tcp", "tcp6"})
        for (const auto& line :
             split(read_file(cat("/proc/", init_, "/net/", table)).value_or(""), '\n')) {
            const auto fields = split_words(line);
            if (fields.size() > 3 && fields[3] == "0A") found.push_back(fields[1]);
        }
    return found;
}

void Server::write(const std::string& file, const std::string& content) const {
    fs::create_directories(path(file).parent_path());
    replace_file(path(file), content, Durability::none, 0644);
}

std::string Server::read(const std::string& file) const {
    return read_file(path(file)).value_or("(absent)");
}

bool Server::has(const std::string& file) const {
    return fs::symlink_status(path(file)).type() != fs::file_type::not_found;
}

Pair::Pair() {
    duet::test::must(
        cat("ip link add cable netns ", a.init(), " type veth peer name cable netns ", b.init()));
    a.must("ip addr add 192.0.2.21/24 dev cable");
    b.must("ip addr add 192.0.2.22/24 dev cable");
    mend_cable();
}

void Pair::cut_cable() {
    a.must("ip link set cable down");
}

void Pair::mend_cable() {
    a.must("ip link set cable up");
    b.must("ip link set cable up");
}

void Pair::bring_up() {
    for (const auto* server : {&a, &b}) {
        const auto started = server->agent("start");
        if (!started.succeeded()) throw std::runtime_error(started.err);
    }
    const auto raised = a.agent("promote");
    if (!raised.succeeded()) throw std::runtime_error(raised.err);
    if (!eventually([&] { return !a.pusher("complete").empty(); }))
        throw std::runtime_error("no complete pass: " + a.pusher("words"));
}

std::string everything_in(const fs::path& folder) {
    std::map<std::string, std::string> lines;
    std::map<ino_t, std::string> first_name;
    std::vector<fs::path> paths{folder};
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
        const auto name = path.native().substr(folder.native().size());
        struct stat status {};
        ::lstat(path.c_str(), &status);
        const auto first = first_name.try_emplace(status.st_ino, name).first->second;
        auto line = cat(std::oct, status.st_mode, std::dec, ' ', status.st_uid, ':', status.st_gid,
                        ' ', status.st_mtim.tv_sec, '.', status.st_mtim.tv_nsec, ' ', first, ' ',
                        xattr_of(path));
        if (S_ISLNK(status.st_mode)) line += " -> " + fs::read_symlink(path).native();
        if (S_ISREG(status.st_mode)) line += ": " + read_file(path).value_or("?");
        lines[name] = line;
    }
    std::string text;
    for (const auto& [name, line] : lines) text += cat(name, ' ', line, '\n');
    return text;
}

}  // namespace duet::test
