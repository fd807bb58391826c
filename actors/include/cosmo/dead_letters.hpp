// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/message_types.hpp>

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/message.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo {

/// Why a message was not handled.
enum class dead_letter_reason : uint8_t {
  /// Its receiver has ended, or there is none.
  no_receiver,
  /// Too many messages were waiting for its receiver's restart.
  stash_overflow,
  /// Its receiver ended before it took the message from its mailbox.
  lost_in_mailbox,
  /// A guard of its receiver does not let it in.
  refused,
  /// Its receiver is bounded and full.
  dropped,
};

inline constexpr size_t dead_letter_reasons = 5;

std::string_view to_string(dead_letter_reason reason);

/// What is known about a message that was not handled.
struct dead_letter {
  dead_letter_reason reason = dead_letter_reason::no_receiver;
  /// Who it was for, as a person knows it: a child's path, a Dendrite's id.
  std::string receiver;
  /// The types of its content, or what else tells it apart.
  std::string content;
};

/// The book of what was refused, dropped or undeliverable. Every message that
/// was sent has been handled, stands in this book, or is in flight.
///
/// Writing costs one atomic increment while nobody observes.
/// @affinity any thread
class dead_letters : public std::enable_shared_from_this<dead_letters> {
public:
  using observer = std::function<void(const dead_letter&)>;

  /// Ends an observation.
  class observation {
  public:
    observation(std::weak_ptr<dead_letters> book, uint64_t number)
      : book_(std::move(book)), number_(number) {
      // nop
    }

    /// Later letters are not shown any more; a call under way on another thread
    /// finishes. Idempotent.
    void remove();

  private:
    std::weak_ptr<dead_letters> book_;
    uint64_t number_;
  };

  void add(dead_letter_reason reason, std::string_view receiver,
           const caf::message& content);
  void add(dead_letter_reason reason, std::string_view receiver,
           std::string_view content);

  uint64_t count(dead_letter_reason reason) const;

  /// Of all reasons.
  uint64_t count() const;

  /// Calls `fn` for each letter from now on, on the thread that writes it: it
  /// must not wait. What it throws is logged.
  observation observe(observer fn);

  /// Sends each letter to an actor that takes a `dead_letter`, until it ends.
  observation observe(const caf::actor& receiver);

private:
  struct entry {
    uint64_t number;
    observer fn;
  };

  using entries = std::vector<entry>;

  template <class MakeContent>
  void add_impl(dead_letter_reason reason, std::string_view receiver,
                MakeContent make_content);
  void show(const dead_letter& letter) const;
  void remove(uint64_t number);

  std::array<std::atomic<uint64_t>, dead_letter_reasons> counts_ = {};
  std::atomic<bool> observed_ = false;
  mutable std::mutex mutex_;
  /// Replaced, never changed: it is read without the mutex.
  std::shared_ptr<const entries> entries_ = std::make_shared<entries>();
  uint64_t next_number_ = 0;
};

using dead_letters_ptr = std::shared_ptr<dead_letters>;

} // namespace cosmo

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::dead_letter)
