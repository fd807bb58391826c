// SPDX-License-Identifier: Apache-2.0
#include "live_run.hpp"

#include <condition_variable>
#include <mutex>
#include <ostream>
#include <stdexcept>
#include <streambuf>

namespace cosmo::test {

namespace {

constexpr std::chrono::seconds patience{20};

/// What is said on one thread and heard on another.
class channel : public std::streambuf {
public:
  /// Waits until the text has been said, and then the rest of its line.
  std::string wait_for(const std::string& text, bool with_line = false) {
    std::unique_lock guard{mutex_};
    auto is_there = [&] {
      const auto at = all_.find(text);
      return at != all_.npos
             && (!with_line || all_.find('\n', at) != all_.npos);
    };
    if (!changed_.wait_for(guard, patience, is_there))
      throw std::runtime_error{"no '" + text + "' in:\n" + all_};
    return all_;
  }

  std::string all() {
    std::lock_guard guard{mutex_};
    return all_;
  }

  void say(std::string_view text) {
    std::lock_guard guard{mutex_};
    all_ += text;
    changed_.notify_all();
  }

  void end() {
    std::lock_guard guard{mutex_};
    is_over_ = true;
    changed_.notify_all();
  }

private:
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    say({text, static_cast<size_t>(size)});
    return size;
  }

  int_type overflow(int_type c) override {
    const auto letter = traits_type::to_char_type(c);
    say({&letter, 1});
    return c;
  }

  int_type underflow() override {
    std::unique_lock guard{mutex_};
    changed_.wait(guard, [&] { return is_over_ || read_ < all_.size(); });
    if (read_ == all_.size())
      return traits_type::eof();
    letter_ = all_[read_++];
    setg(&letter_, &letter_, &letter_ + 1);
    return traits_type::to_int_type(letter_);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string all_;
  size_t read_ = 0;
  char letter_ = 0;
  bool is_over_ = false;
};

} // namespace

struct live_run::streams {
  channel in_text;
  channel out_text;
  channel err_text;
  std::istream in{&in_text};
  std::ostream out{&out_text};
  std::ostream err{&err_text};
  std::mutex mutex;
  std::function<void()> interrupt;
  bool is_interrupted = false;
};

live_run::live_run(std::vector<std::string> args, cosmo_setup setup)
  : streams_(std::make_shared<streams>()) {
  setup.on_interrupt = [to = streams_.get()](std::function<void()> fn) {
    std::lock_guard guard{to->mutex};
    to->interrupt = std::move(fn);
    if (to->is_interrupted)
      to->interrupt();
    return std::shared_ptr<void>{to, [](streams* from) {
                                   std::lock_guard last{from->mutex};
                                   from->interrupt = nullptr;
                                 }};
  };
  code_
    = std::async(std::launch::async, [args = std::move(args),
                                      setup = std::move(setup), to = streams_] {
        return cli::run(args, setup.with(to->out, to->err, to->in));
      });
}

live_run::~live_run() {
  interrupt();
  end_input();
}

std::string live_run::wait_for(const std::string& text) {
  return streams_->out_text.wait_for(text);
}

std::string live_run::wait_for_error(const std::string& text) {
  return streams_->err_text.wait_for(text);
}

std::string live_run::value_of(const std::string& label) {
  const auto all = streams_->out_text.wait_for(label, true);
  const auto begin = all.find_first_not_of(' ', all.find(label) + label.size());
  return all.substr(begin, all.find('\n', begin) - begin);
}

void live_run::type(const std::string& line) {
  streams_->in_text.say(line + '\n');
}

void live_run::end_input() {
  streams_->in_text.end();
}

void live_run::interrupt() {
  std::lock_guard guard{streams_->mutex};
  streams_->is_interrupted = true;
  if (streams_->interrupt)
    streams_->interrupt();
}

cosmo_outcome live_run::outcome() {
  if (code_.wait_for(patience) != std::future_status::ready)
    throw std::runtime_error{"it does not end:\n" + streams_->out_text.all()};
  const auto code = code_.get();
  return {code, streams_->out_text.all(), streams_->err_text.all()};
}

} // namespace cosmo::test
