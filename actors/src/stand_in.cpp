// SPDX-License-Identifier: Apache-2.0
#include "stand_in.hpp"

#include <cosmo/error.hpp>

#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include <mutex>
#include <utility>

namespace cosmo::actors {

stand_in::stand_in(caf::actor_config& cfg, std::string path, size_t capacity,
                   dead_letters_ptr letters)
  : compat::bare_actor(cfg),
    path_(std::move(path)),
    capacity_(capacity),
    letters_(std::move(letters)) {
  // Counts as running until it is closed.
  register_at_system();
}

bool stand_in::enqueue(caf::mailbox_element_ptr what,
                       compat::scheduler* where) {
  auto content = what->payload;
  {
    std::shared_lock guard{mutex_};
    if (mode_ == mode::open && forward(what, where))
      return true;
  }
  auto answered_by_caf = [&] {
    letters_->add(dead_letter_reason::no_receiver, path_, content);
    return false;
  };
  if (!what)
    return answered_by_caf();
  // Nobody is there to be ended.
  if (what->payload.match_elements<caf::exit_msg>())
    return true;
  std::unique_lock guard{mutex_};
  if (mode_ == mode::open) {
    // Somebody else has been faster, or the child has just ended.
    if (forward(what, where))
      return true;
    mode_ = mode::holding;
    child_ = nullptr;
  }
  if (!what) {
    guard.unlock();
    return answered_by_caf();
  }
  auto reason = dead_letter_reason::no_receiver;
  if (mode_ == mode::holding) {
    if (has_room(*what)) {
      ordinary_ += what->is_high_priority() ? 0 : 1;
      stash_.push_back(std::move(what));
      return true;
    }
    reason = dead_letter_reason::stash_overflow;
  }
  guard.unlock();
  bury(*what, reason);
  return false;
}

void stand_in::open(caf::actor child) {
  std::unique_lock guard{mutex_};
  mode_ = mode::open;
  child_ = std::move(child);
  while (!stash_.empty()) {
    auto& next = stash_.front();
    auto ordinary = next->is_high_priority() ? 0u : 1u;
    auto content = next->payload;
    auto taken = forward(next, nullptr);
    auto answered = !taken && !next;
    if (taken || answered) {
      stash_.pop_front();
      ordinary_ -= ordinary;
    }
    if (taken)
      continue;
    // It has ended again already: its successor gets the rest.
    mode_ = mode::holding;
    child_ = nullptr;
    guard.unlock();
    if (answered)
      letters_->add(dead_letter_reason::no_receiver, path_, content);
    return;
  }
}

void stand_in::hold() {
  std::unique_lock guard{mutex_};
  mode_ = mode::holding;
  child_ = nullptr;
}

void stand_in::refuse() {
  std::unique_lock guard{mutex_};
  mode_ = mode::refusing;
  child_ = nullptr;
  ordinary_ = 0;
  auto left = std::exchange(stash_, {});
  guard.unlock();
  for (auto& what : left)
    bury(*what, dead_letter_reason::no_receiver);
}

void stand_in::close(caf::error reason) {
  refuse();
  end(std::move(reason));
}

size_t stand_in::stashed() const {
  std::shared_lock guard{mutex_};
  return stash_.size();
}

/// Gives a message to the child. @returns whether it has it; if not, the
/// message is left in `what`. Only a request that meets a mailbox which is
/// closing at this very moment is gone, because CAF has answered it.
bool stand_in::forward(caf::mailbox_element_ptr& what,
                       compat::scheduler* where) {
  auto* child = caf::actor_cast<caf::abstract_actor*>(child_);
  // Its supervisor hears of its end later than others may.
  if (child->getf(caf::abstract_actor::is_terminated_flag))
    return false;
  auto mid = what->mid;
  if (mid.is_request())
    return child->enqueue(std::move(what), where);
  auto sender = what->sender;
  auto content = what->payload;
  if (child->enqueue(std::move(what), where))
    return true;
  what = compat::envelope(std::move(sender), mid, std::move(content));
  return false;
}

/// Control comes before data: bounds are for data.
bool stand_in::has_room(const caf::mailbox_element& what) const {
  return what.is_high_priority() || ordinary_ < capacity_;
}

void stand_in::bury(const caf::mailbox_element& what,
                    dead_letter_reason reason) const {
  letters_->add(reason, path_, what.payload);
  if (!what.mid.is_request() || !what.sender)
    return;
  auto err = reason == dead_letter_reason::stash_overflow
               ? make_error(ec::stash_full,
                            path_ + ": too many messages wait for its restart")
               : make_error(caf::sec::request_receiver_down);
  what.sender->enqueue(compat::envelope(nullptr, what.mid.response_id(),
                                        caf::make_message(std::move(err))),
                       nullptr);
}

} // namespace cosmo::actors
