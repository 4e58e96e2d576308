// SPDX-License-Identifier: GPL-2.0-or-later
// Programs that behave badly, files on a full disk, locks whose holder dies.
#include "process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <thread>

#include "daemon.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "sandbox.hpp"
#include "text.hpp"

namespace duet::test {

namespace {

const std::string folder = "/run/process-test";

Ended shell(const std::string& script, Milliseconds limit = Milliseconds(10'000),
            const RunOptions& options = {}) {
    return run({"sh", "-c", script}, Deadline::after(limit), options);
}

Milliseconds since(MonotonicTime start) {
    return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - start);
}

const auto now = [] { return std::chrono::steady_clock::now(); };

// ---- run ----------------------------------------------------------------------------------------

TEST(Run, TellsHowAProgramEnded) {
    const auto good = shell("echo out; echo err >&2");
    EXPECT_TRUE(good.succeeded());
    EXPECT_EQ("out\n", good.out);
    EXPECT_EQ("err\n", good.err);
    EXPECT_EQ("exited with 3", shell("exit 3").how());
    EXPECT_EQ("was ended by signal 9", shell("kill -9 $$").how());
    EXPECT_EQ("why it failed", shell("echo why it failed >&2; echo; exit 1").last_words());
}

TEST(Run, AnAbsentProgramIsNotInstalledAndOneThatMayNotRunIsForbidden) {
    const auto exit_for = [](const std::string& program) {
        try {
            run({program}, Deadline::after(Milliseconds(1000)));
        } catch (const Failure& failure) {
            EXPECT_NE(nullptr, std::strstr(failure.what(), program.c_str()));
            return failure.exit();
        }
        return Exit::success;
    };
    EXPECT_EQ(Exit::installed, exit_for("no-such-program"));
    EXPECT_EQ(Exit::permission, exit_for("/etc/passwd"));
}

TEST(Run, EndsAtTheDeadlineWhatIgnoresTerm) {
    const auto start = now();
    const auto ended = shell("trap '' TERM; echo begun; while :; do sleep 0.05; done",
                             Milliseconds(200));
    EXPECT_TRUE(ended.timed_out);
    EXPECT_EQ(SIGKILL, ended.signal);
    EXPECT_EQ("did not end in time", ended.how());
    EXPECT_EQ("begun\n", ended.out);
    EXPECT_LT(since(start), Milliseconds(5'000));
}

TEST(Run, EndsTheChildrenOfAProgramWithIt) {
    const auto file = folder + "/child";
    shell("sleep 300 & echo $! >" + file + "; wait", Milliseconds(200));
    const auto pid = parse_integer(trim(read_file(file).value_or("")));
    ASSERT_TRUE(pid);
    const auto child = Process::open(pid_t(*pid));
    EXPECT_TRUE(!child || child->wait(Deadline::after(Milliseconds(2'000))));
}

TEST(Run, KeepsTheBeginningOfAFlood) {
    RunOptions options;
    options.output_limit = 1000;
    const auto ended = shell("head -c 30000000 /dev/zero | tr '\\0' x; echo done >&2",
                             Milliseconds(20'000), options);
    EXPECT_TRUE(ended.succeeded()) << ended.how();
    EXPECT_EQ(std::string(1000, 'x'), ended.out);
    EXPECT_EQ("done\n", ended.err);
}

TEST(Run, AnEndlessFloodEndsAtTheDeadline) {
    const auto start = now();
    EXPECT_TRUE(run({"yes"}, Deadline::after(Milliseconds(200))).timed_out);
    EXPECT_LT(since(start), Milliseconds(5'000));
}

TEST(Run, DoesNotWaitForADaemonThatHoldsThePipe) {
    const auto start = now();
    const auto ended = shell("echo begun; setsid sleep 300 & echo $!");
    EXPECT_TRUE(ended.succeeded());
    EXPECT_LT(since(start), Milliseconds(5'000));
    const auto words = split_words(ended.out);
    ASSERT_EQ(2u, words.size());
    const auto daemon = Process::open(pid_t(parse_integer(words[1]).value_or(0)));
    ASSERT_TRUE(daemon) << "it was ended with the program that started it";
    daemon->signal(SIGKILL);
}

TEST(Run, GivesInputThatIsLargerThanAPipe) {
    RunOptions options;
    options.input = std::string(1'000'000, 'i');
    EXPECT_EQ("1000000\n", shell("wc -c", Milliseconds(10'000), options).out);
    EXPECT_TRUE(shell("exec <&-; exit 0", Milliseconds(10'000), options).succeeded())
        << "who does not read it may end";
}

TEST(Run, HandsDownNoDescriptorAndNoIgnoredSignal) {
    const int open_fd = ::open("/dev/null", O_RDONLY);
    // 0, 1, 2 and the one ls reads the folder with.
    EXPECT_EQ("4\n", shell("ls /proc/self/fd | wc -l").out);
    ::close(open_fd);
    EXPECT_EQ(SIGPIPE, shell("kill -PIPE $$").signal);
}

TEST(Run, WhatIsAddedToTheEnvironmentReplacesWhatWasInherited) {
    RunOptions options;
    options.environment = {"DUET_SEEN=ours"};
    ::setenv("DUET_SEEN", "theirs", 1);
    ::setenv("DUET_SEEN_TOO", "theirs", 1);
    const auto seen = run({"printenv", "DUET_SEEN", "DUET_SEEN_TOO"},
                          Deadline::after(Milliseconds(5'000)), options);
    EXPECT_EQ("ours\ntheirs\n", seen.out);
}

// ---- processes ----------------------------------------------------------------------------------

Process sleeper() {
    auto process = Process::open(start_daemon({"sleep", "300"}));
    if (!process) throw std::runtime_error("no sleeper");
    return std::move(*process);
}

TEST(Processes, AreKnownByMoreThanTheirNumber) {
    const auto process = sleeper();
    const auto file = folder + "/remembered";
    remember(file, process);
    const auto again = recall(file);
    ASSERT_TRUE(again);
    EXPECT_EQ(process.pid(), again->pid());
    replace_file(file, cat(process.pid(), ' ', process.start_time() + 1, '\n'), Durability::none);
    EXPECT_FALSE(recall(file)) << "another process with this number";
    process.signal(SIGKILL);
    EXPECT_TRUE(process.wait(Deadline::after(Milliseconds(5'000))));
    remember(file, process);
    EXPECT_FALSE(recall(file));
}

TEST(Processes, NonsenseInAPidFileIsNobody) {
    const auto file = folder + "/nonsense";
    for (const char* text : {"", "\n", "1", "0 0", "-1 5", "abc def", "99999999999999999999 1",
                             "4194305 1", "1 2 3"}) {
        replace_file(file, text, Durability::none);
        EXPECT_FALSE(recall(file)) << text;
        EXPECT_FALSE(process_in(file, "/bin/sleep")) << text;
    }
    EXPECT_FALSE(recall(folder + "/absent"));
}

TEST(Processes, APidFileIsBelievedForItsProgramAlone) {
    const auto process = sleeper();
    const auto file = folder + "/sleep.pid";
    replace_file(file, cat(process.pid(), '\n'), Durability::none);
    EXPECT_TRUE(process_in(file, "/bin/sleep"));
    EXPECT_FALSE(process_in(file, "/bin/sh"));
    process.signal(SIGKILL);
}

TEST(Processes, AZombieIsNoProcess) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(0);
    std::this_thread::sleep_for(Milliseconds(100));
    EXPECT_FALSE(Process::open(pid));
}

TEST(Processes, LiveAsLongAsAnyOfTheirThreads) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        std::thread([] { ::pause(); }).detach();
        ::syscall(SYS_exit, 0);
    }
    std::this_thread::sleep_for(Milliseconds(200));
    const auto process = Process::open(pid);
    ASSERT_TRUE(process);
    EXPECT_EQ("", process->executable()) << "the first thread has ended";
    EXPECT_TRUE(process->alive());
    process->signal(SIGKILL);
    EXPECT_TRUE(process->wait(Deadline::after(Milliseconds(2'000))));
    EXPECT_FALSE(Process::open(pid));
}

TEST(Processes, AreEndedStepByStepAndTheStubbornAtLast) {
    auto stubborn = Process::open(
        start_daemon({"sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"}));
    ASSERT_TRUE(stubborn);
    // Until the trap stands.
    std::this_thread::sleep_for(Milliseconds(200));
    constexpr std::array<EndStep, 1> gentle{{{SIGTERM, 100}}};
    EXPECT_FALSE(end({&*stubborn, 1}, gentle, Deadline::after(Milliseconds(200))));
    constexpr std::array<EndStep, 2> both{{{SIGTERM, 20}, {SIGKILL, 100}}};
    EXPECT_TRUE(end({&*stubborn, 1}, both, Deadline::after(Milliseconds(2'000))));
    EXPECT_FALSE(stubborn->alive());
}

// ---- files and locks ----------------------------------------------------------------------------

TEST(Files, AFullDiskKeepsTheOldContent) {
    const auto disk = folder + "/disk";
    ::mkdir(disk.c_str(), 0755);
    ASSERT_EQ(0, ::mount("none", disk.c_str(), "tmpfs", 0, "size=64k"));
    const auto file = disk + "/state";
    replace_file(file, "old", Durability::synced);
    EXPECT_THROW(replace_file(file, std::string(200'000, 'n'), Durability::synced),
                 std::system_error);
    EXPECT_EQ("old", read_file(file));
    EXPECT_EQ("state\n", must("ls " + disk)) << "nothing half-written is left";
    ::umount(disk.c_str());
}

TEST(Files, AReplacedFileHasItsModeAndIsNeverHalfThere) {
    const auto file = folder + "/mode";
    replace_file(file, "secret", Durability::none, 0600);
    struct stat status{};
    ASSERT_EQ(0, ::stat(file.c_str(), &status));
    EXPECT_EQ(0600u, status.st_mode & 07777);
    EXPECT_THROW(replace_file(folder + "/absent/file", "x", Durability::none), std::system_error);
    EXPECT_FALSE(read_file(folder + "/absent/file"));
    EXPECT_FALSE(read_file(folder)) << "a folder has no content";
}

TEST(Files, SecretsThatOthersMayReadAreAProblem) {
    const auto file = folder + "/secret";
    const std::pair<mode_t, bool> rows[] = {{0600, true}, {0400, true}, {0640, false},
                                            {0604, false}, {0620, false}, {0601, false}};
    for (const auto& [mode, good] : rows) {
        replace_file(file, "password", Durability::none);
        ::chmod(file.c_str(), mode);
        const auto problem = secret_problem(file);
        EXPECT_EQ(good, !problem) << std::oct << mode;
        if (problem) {
            EXPECT_NE(std::string::npos, problem->find(file)) << *problem;
        }
    }
    EXPECT_TRUE(secret_problem(folder));
    EXPECT_TRUE(secret_problem(folder + "/absent"));
}

TEST(Locks, HaveOneHolderAndAreFreedByItsDeath) {
    const auto file = folder + "/lock";
    const auto holder = Process::open(start_daemon({"flock", "-o", file, "sleep", "300"}));
    ASSERT_TRUE(holder);
    std::this_thread::sleep_for(Milliseconds(200));
    try {
        lock_file(file, Deadline::after(Milliseconds(100)));
        FAIL() << "two holders";
    } catch (const Failure& failure) {
        EXPECT_NE(nullptr, std::strstr(failure.what(), file.c_str())) << failure.what();
    }
    holder->signal(SIGKILL);
    const auto ours = lock_file(file, Deadline::after(Milliseconds(5'000)));
    EXPECT_TRUE(bool(ours));
    EXPECT_THROW(lock_file(file, Deadline::after(Milliseconds(50))), Failure);
}

}  // namespace

}  // namespace duet::test

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    return duet::test::in_sandbox([] {
        ::mkdir("/run/process-test", 0755);
        // As agents do: a program need not read its input.
        std::signal(SIGPIPE, SIG_IGN);
        return RUN_ALL_TESTS();
    });
}
