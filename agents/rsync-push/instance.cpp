// SPDX-License-Identifier: GPL-2.0-or-later
#include "instance.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>

#include "attribute.hpp"
#include "daemon.hpp"
#include "failure.hpp"
#include "fd.hpp"
#include "file.hpp"
#include "text.hpp"

namespace duet::rsync_push {

namespace {

std::string make_lasting_folder(const Call& call) {
    std::string path;
    for (const auto& part :
         {std::string(DUET_STATEDIR), cat('/', call.agent, '-', call.instance)}) {
        path += part;
        if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
            throw_errno(cat("make the folder '", path, "'"));
    }
    return path;
}

bool is_local(const std::string& address) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (::getaddrinfo(address.c_str(), nullptr, &hints, &found) != 0) return false;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
    for (const auto* one = found; one; one = one->ai_next) {
        const Fd socket(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (socket && ::bind(socket.get(), one->ai_addr, one->ai_addrlen) == 0) return true;
    }
    return false;
}

// By the node's name; outside a cluster, where it has none, by the address.
int own_index(const std::vector<Peer>& peers, const Call& call) {
    for (int i = 0; i < int(peers.size()); ++i) {
        const auto& peer = peers[std::size_t(i)];
        if (call.clustered() ? peer.node == call.node : is_local(peer.address)) return i;
    }
    if (call.clustered())
        throw Failure(Exit::args, cat("parameter 'peers' does not name this node, '", call.node,
                                      "': expected NODE=ADDRESS for it"));
    throw Failure(Exit::args, "no address of parameter 'peers' is on this server");
}

Call with_time(Call call) {
    call.deadline = Deadline::after(Milliseconds(10'000));
    return call;
}

}  // namespace

std::vector<std::string> own_folders() {
    return {DUET_RUNDIR, DUET_STATEDIR};
}

Instance::Instance(const Config& config_, const Call& call_)
    : config(config_),
      call(call_),
      directory(run_directory(call_)),
      lasting(make_lasting_folder(call_)),
      trees(parse_trees(config_.trees, own_folders()).all) {
    const auto peers = parse_peers(config.peers, config.port).all;
    if (peers.size() != 2)
        throw Failure(Exit::configured, cat("parameter 'peers' names ", peers.size(),
                                            " servers: expected the two of the pair"));
    index_ = own_index(peers, call);
    self_ = peers[std::size_t(index_)];
    peer_ = peers[std::size_t(1 - index_)];
}

std::string Instance::rsync() const {
    if (auto program = find_program(config.binary)) return *program;
    throw Failure(Exit::installed,
                  cat("rsync '", config.binary, "' (parameter 'binary') is not installed"));
}

long Instance::epoch() const {
    return long(parse_integer(trim(read_file(lasting + "/epoch").value_or("0"))).value_or(0));
}

void Instance::write_epoch(long epoch) const {
    replace_file(lasting + "/epoch", cat(epoch, '\n'), Durability::synced);
}

void show_state(const Call& call, const std::string& state) {
    const auto fresh = with_time(call);
    Attributes(fresh).set(call.instance + "-state", state);
}

std::string shown_state(const Call& call) {
    const auto fresh = with_time(call);
    return Attributes(fresh).last_written(call.instance + "-state").value_or("");
}

void withdraw_state(const Call& call) {
    const auto fresh = with_time(call);
    Attributes attributes(fresh);
    const auto name = call.instance + "-state";
    if (attributes.last_written(name)) attributes.remove(name);
}

}  // namespace duet::rsync_push
