// SPDX-License-Identifier: Apache-2.0
#include "stand_in.hpp"

#include <cosmo/error.hpp>

#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include <mutex>
#include <utility>
#include <vector>

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
  std::shared_lock shared{mutex_};
  if (child_ && forward(what, where))
    return true;
  auto tried = child_ ? child_.id() : caf::invalid_actor_id;
  shared.unlock();
  std::unique_lock guard{mutex_};
  if (child_ && child_.id() == tried)
    child_ = nullptr;
  // A successor may have come meanwhile.
  if (what && (give(what, where) || keep(what)))
    return true;
  auto reason = what && !refusing_ ? dead_letter_reason::stash_overflow
                                   : dead_letter_reason::no_receiver;
  guard.unlock();
  letters_->add(reason, path_, content);
  if (what)
    answer(*what, reason);
  return false;
}

void stand_in::open(caf::actor child) {
  std::unique_lock guard{mutex_};
  refusing_ = false;
  child_ = std::move(child);
  std::vector<caf::message> answered_by_caf;
  while (child_ && !stash_.empty()) {
    auto next = std::move(stash_.front());
    stash_.pop_front();
    auto content = next->payload;
    auto size = counts(*next);
    if (give(next, nullptr)) {
      ordinary_ -= size;
    } else if (next) {
      // It has ended again already: its successor gets the rest.
      stash_.push_front(std::move(next));
    } else {
      ordinary_ -= size;
      answered_by_caf.push_back(std::move(content));
    }
  }
  guard.unlock();
  for (auto& content : answered_by_caf)
    letters_->add(dead_letter_reason::no_receiver, path_, content);
}

void stand_in::hold() {
  std::unique_lock guard{mutex_};
  refusing_ = false;
  child_ = nullptr;
}

void stand_in::refuse() {
  std::unique_lock guard{mutex_};
  refusing_ = true;
  child_ = nullptr;
  ordinary_ = 0;
  auto left = std::exchange(stash_, {});
  guard.unlock();
  for (auto& what : left) {
    letters_->add(dead_letter_reason::no_receiver, path_, what->payload);
    answer(*what, dead_letter_reason::no_receiver);
  }
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
                       compat::scheduler* where) const {
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

/// As above, if there is a child. One that takes nothing has ended.
bool stand_in::give(caf::mailbox_element_ptr& what, compat::scheduler* where) {
  if (!child_)
    return false;
  if (forward(what, where))
    return true;
  child_ = nullptr;
  return false;
}

/// Keeps a message for the next child. @returns whether there was room.
bool stand_in::keep(caf::mailbox_element_ptr& what) {
  if (!what)
    return false;
  // Nobody is there to be ended.
  if (what->payload.match_elements<caf::exit_msg>())
    return true;
  auto size = counts(*what);
  if (refusing_ || ordinary_ + size > capacity_)
    return false;
  ordinary_ += size;
  stash_.push_back(std::move(what));
  return true;
}

/// Control comes before data: bounds are for data.
size_t stand_in::counts(const caf::mailbox_element& what) {
  return what.is_high_priority() ? 0 : 1;
}

void stand_in::answer(const caf::mailbox_element& what,
                      dead_letter_reason reason) const {
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
