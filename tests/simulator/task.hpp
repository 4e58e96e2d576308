// SPDX-License-Identifier: GPL-2.0-or-later
// An action as a coroutine: it reads like the agent's own code, stops wherever the world may go on
// (`co_await Step{...}`), and is destroyed there when Pacemaker or a power cut ends it.
#pragma once

#include <coroutine>
#include <exception>
#include <utility>

namespace duet::simulator {

struct Failed {};  // what the agents throw as Failure or SqlError

class Task {
  public:
    struct promise_type {
        std::coroutine_handle<> caller = std::noop_coroutine();
        std::exception_ptr failure;

        Task get_return_object() {
            return Task(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        struct Return {
            bool await_ready() noexcept { return false; }
            std::coroutine_handle<> await_suspend(
                std::coroutine_handle<promise_type> ended) noexcept {
                return ended.promise().caller;
            }
            void await_resume() noexcept {}
        };
        Return final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { failure = std::current_exception(); }
    };

    Task() = default;
    explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    Task(Task&& from) noexcept : handle_(std::exchange(from.handle_, {})) {}
    Task& operator=(Task&& from) noexcept {
        std::swap(handle_, from.handle_);
        return *this;
    }
    ~Task() {
        if (handle_) handle_.destroy();
    }

    std::coroutine_handle<> handle() const { return handle_; }
    bool runs() const { return handle_ && !handle_.done(); }
    bool failed() const { return handle_.promise().failure != nullptr; }

    // A call from another task.
    bool await_ready() const { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) {
        handle_.promise().caller = caller;
        return handle_;
    }
    void await_resume() {
        if (handle_.promise().failure) std::rethrow_exception(handle_.promise().failure);
    }

  private:
    std::coroutine_handle<promise_type> handle_;
};

// The innermost place at which a task waits is where it is resumed.
struct Step {
    std::coroutine_handle<>& place;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> here) { place = here; }
    void await_resume() const {}
};

}  // namespace duet::simulator
