// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/caf_compat.hpp>
#include <cosmo/dead_letters.hpp>
#include <cosmo/error.hpp>
#include <cosmo/mail.hpp>
#include <cosmo/signal.hpp>
#include <cosmo/subject.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>

namespace cosmo::actors {

class mailroom;

/// The Signals on their way to one receiver: counted and bounded. Senders and
/// the receiver share it; what nobody has taken when the last of them lets go
/// becomes dead letters.
/// @affinity any thread
class inbox {
public:
  inbox(std::shared_ptr<mailroom> room, std::string receiver, size_t max);
  ~inbox();

  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;

  // -- senders ------------------------------------------------------------------

  /// Counts a Signal that is about to be sent. A full box takes STOPs only;
  /// another Signal becomes a dead letter.
  /// @returns whether to send it.
  bool admit(const signal& sig);

  /// Counts a Signal that must not be refused.
  void take_in() noexcept {
    sent_.fetch_add(1, std::memory_order_relaxed);
  }

  bool full() const noexcept {
    return waiting() >= max_;
  }

  /// Those in flight.
  uint64_t waiting() const noexcept;

  // -- the receiver -------------------------------------------------------------

  /// Counts a Signal as handled.
  void took() noexcept {
    handled_.fetch_add(1, std::memory_order_relaxed);
  }

  /// Counts a Signal that its receiver leaves behind.
  void left_behind(const signal& sig);

  mail_counts counts() const noexcept;

private:
  void lose(dead_letter_reason reason, const signal& sig);

  std::shared_ptr<mailroom> room_;
  std::string receiver_;
  size_t max_;
  std::atomic<uint64_t> sent_ = 0;
  std::atomic<uint64_t> lost_ = 0;
  /// The receiver writes here, senders above.
  alignas(64) std::atomic<uint64_t> handled_ = 0;
};

using inbox_ptr = std::shared_ptr<inbox>;

/// What whoever publishes hears when the box of the bus is full.
caf::error overloaded(const inbox& box);

/// All inboxes of a runtime.
/// @affinity any thread
class mailroom : public std::enable_shared_from_this<mailroom> {
public:
  mailroom(dead_letters_ptr letters, size_t max)
    : letters_(std::move(letters)), max_(max) {
    // nop
  }

  /// @param receiver its name among dead letters.
  inbox_ptr open(std::string receiver);

  /// Of all boxes there are and were.
  mail_counts counts() const;

  /// Signals that may wait for one receiver.
  size_t max() const noexcept {
    return max_;
  }

  dead_letters& letters() const noexcept {
    return *letters_;
  }

private:
  friend class inbox;

  void close(const inbox& box);

  dead_letters_ptr letters_;
  size_t max_;
  mutable std::mutex mutex_;
  std::unordered_set<const inbox*> open_;
  mail_counts of_closed_ = {};
};

/// An actor class with an inbox: the Signals in its mailbox when it ends become
/// dead letters.
template <class Base>
class with_inbox : public compat::mailbox_witness<Base> {
public:
  template <class... Ts>
  with_inbox(caf::actor_config& cfg, inbox_ptr box, Ts&&... xs)
    : compat::mailbox_witness<Base>(cfg, box, std::forward<Ts>(xs)...),
      box_(std::move(box)) {
    // nop
  }

protected:
  void left_behind(const caf::mailbox_element& what) noexcept override {
    auto& content = what.payload;
    if (!box_)
      return;
    if (content.match_elements<deliver_atom, uint64_t, signal>()
        || content.match_elements<caf::publish_atom, subject, signal>())
      box_->left_behind(content.get_as<signal>(2));
  }

  void all_shown() noexcept override {
    box_ = nullptr;
  }

private:
  inbox_ptr box_;
};

} // namespace cosmo::actors
