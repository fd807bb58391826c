// SPDX-License-Identifier: Apache-2.0
#include <cosmo/inbox.hpp>
#include <cosmo/signal_type.hpp>

namespace cosmo::actors {

inbox::inbox(std::shared_ptr<mailroom> room, std::string receiver, size_t max)
  : room_(std::move(room)), receiver_(std::move(receiver)), max_(max) {
  // nop
}

inbox::~inbox() {
  // Sent after the receiver had gone.
  for (auto left = waiting(); left > 0; --left) {
    ++lost_;
    room_->letters().add(dead_letter_reason::no_receiver, receiver_, "Signal");
  }
  room_->close(*this);
}

bool inbox::admit(const signal& sig) {
  auto is_full = full();
  take_in();
  if (!is_full || sig.type() == signal_type::STOP)
    return true;
  lose(dead_letter_reason::dropped, sig);
  return false;
}

uint64_t inbox::waiting() const noexcept {
  // In this order: what is handled has been sent before.
  auto gone = handled_.load(std::memory_order_relaxed)
              + lost_.load(std::memory_order_relaxed);
  auto sent = sent_.load(std::memory_order_relaxed);
  return sent > gone ? sent - gone : 0;
}

void inbox::left_behind(const signal& sig) {
  lose(dead_letter_reason::lost_in_mailbox, sig);
}

void inbox::lose(dead_letter_reason reason, const signal& sig) {
  ++lost_;
  room_->letters().add(reason, receiver_,
                       std::string{to_string(sig.type())} + ' '
                         + std::string{sig.id()});
}

mail_counts inbox::counts() const noexcept {
  return {sent_.load(), handled_.load(), lost_.load()};
}

caf::error overloaded(const inbox& box) {
  return make_error(ec::overloaded,
                    std::to_string(box.waiting())
                      + " Signals are waiting for the Synapse already");
}

inbox_ptr mailroom::open(std::string receiver) {
  auto result
    = std::make_shared<inbox>(shared_from_this(), std::move(receiver), max_);
  std::lock_guard guard{mutex_};
  open_.insert(result.get());
  return result;
}

namespace {

void add(mail_counts& to, const mail_counts& what) {
  to.sent += what.sent;
  to.handled += what.handled;
  to.lost += what.lost;
}

} // namespace

mail_counts mailroom::counts() const {
  std::lock_guard guard{mutex_};
  auto result = of_closed_;
  for (auto box : open_)
    add(result, box->counts());
  return result;
}

void mailroom::close(const inbox& box) {
  std::lock_guard guard{mutex_};
  open_.erase(&box);
  add(of_closed_, box.counts());
}

} // namespace cosmo::actors
