// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace cosmo::net {

struct child_options {
  /// Looked up on this program's PATH if it holds no slash.
  std::string command;
  std::vector<std::string> args;
  /// All of it: nothing is inherited.
  std::map<std::string, std::string> environment;
  /// This program's if empty.
  std::string cwd;
};

/// A child with pipes for its standard streams, in a process group of its own.
/// It inherits nothing else: no descriptor, no signal mask. Once spawned it is
/// watched until it has been reaped, whoever still refers to it; no handler for
/// SIGCHLD is needed.   @affinity I/O thread only
class child_process : public std::enable_shared_from_this<child_process> {
public:
  struct events {
    std::function<void(std::string_view bytes)> output;
    std::function<void()> output_ended;
    std::function<void(std::string_view bytes)> error_output;
    /// @param status as from `waitpid`. The last event: what the child had
    ///        written has been handed over.
    std::function<void(int status)> exited;
  };

  /// @returns ec::process_exited if the child cannot be started.
  static caf::expected<std::shared_ptr<child_process>>
  spawn(boost::asio::io_context& context, const child_options& options);

  void watch(events handlers);

  /// Queues bytes for the child's input; drops them once that is closed.
  void write(std::string bytes);

  size_t queued_bytes() const noexcept {
    return queued_bytes_;
  }

  void close_input();

  /// Sends a signal to the child and whatever it has started.
  void signal_group(int signal);

private:
  using descriptor = boost::asio::posix::stream_descriptor;

  using reader = std::function<void(std::string_view)> events::*;

  child_process(boost::asio::io_context& context, pid_t pid);

  void read_on(descriptor& from, reader to);

  /// @returns whether there may be more later.
  bool read_chunk(descriptor& from, reader to, bool& is_empty);

  void drain(descriptor& from, reader to);

  void write_next();

  void on_exit();

  pid_t pid_;
  descriptor exit_;
  descriptor input_;
  descriptor output_;
  descriptor error_output_;
  events events_;
  std::deque<std::string> queue_;
  size_t queued_bytes_ = 0;
  bool has_exited_ = false;
  std::array<char, 16 * 1024> chunk_;
};

} // namespace cosmo::net
