// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace cosmo::test {

/// A bus, and a client of it that says whatever the test wants.
class bus_lab {
public:
  bus_lab();

  ~bus_lab();

  /// `cosmo://127.0.0.1:<port>`
  const std::string& url() const noexcept;

  /// Puts a frame on `cosmonapse.dev.<type>`, or of another namespace.
  void publish(std::string_view type, std::string_view frame,
               std::string_view name_space = "dev");

  /// As above, a Signal.
  void say(std::string_view type, std::string_view trace = "trc_one",
           std::string_view who = "someone");

  /// How many there are now.
  size_t subscriptions() const;

  /// Returns once the bus has just so many subscriptions.
  void wait_for_subscriptions(size_t count);

  /// Ends the bus.
  void stop();

  /// Ends it, and starts one in its place. Those who do not come back by
  /// themselves are not there, workers among them.
  void restart();

  /// Lets some work in namespace `dev`: Neurons `echo` (can `chat`), `fails`,
  /// `asks` (a CLARIFICATION, until its input has the answer) and `careful` (a
  /// PERMISSION, likewise), the Engram `notes` and the Effector `calculator`.
  void start_workers();

private:
  struct state;

  std::unique_ptr<state> state_;
};

} // namespace cosmo::test
