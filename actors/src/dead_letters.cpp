// SPDX-License-Identifier: Apache-2.0
#include <cosmo/dead_letters.hpp>
#include <cosmo/log.hpp>

#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/type_id_list.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace cosmo {

std::string_view to_string(dead_letter_reason reason) {
  switch (reason) {
    case dead_letter_reason::no_receiver:
      return "no_receiver";
    case dead_letter_reason::stash_overflow:
      return "stash_overflow";
    case dead_letter_reason::lost_in_mailbox:
      return "lost_in_mailbox";
    case dead_letter_reason::refused:
      return "refused";
    default:
      return "dropped";
  }
}

void dead_letters::observation::remove() {
  if (auto book = std::exchange(book_, {}).lock())
    book->remove(number_);
}

template <class MakeContent>
void dead_letters::add_impl(dead_letter_reason reason,
                            std::string_view receiver,
                            MakeContent make_content) {
  ++counts_[static_cast<size_t>(reason)];
  if (observed_)
    show({reason, std::string{receiver}, make_content()});
}

void dead_letters::add(dead_letter_reason reason, std::string_view receiver,
                       const caf::message& content) {
  add_impl(reason, receiver,
           [&content] { return caf::to_string(content.types()); });
}

void dead_letters::add(dead_letter_reason reason, std::string_view receiver,
                       std::string_view content) {
  add_impl(reason, receiver, [content] { return std::string{content}; });
}

uint64_t dead_letters::count(dead_letter_reason reason) const {
  return counts_[static_cast<size_t>(reason)];
}

uint64_t dead_letters::count() const {
  uint64_t result = 0;
  for (auto& n : counts_)
    result += n;
  return result;
}

dead_letters::observation dead_letters::observe(observer fn) {
  std::lock_guard guard{mutex_};
  auto changed = std::make_shared<entries>(*entries_);
  auto number = next_number_++;
  changed->push_back({number, std::move(fn)});
  entries_ = std::move(changed);
  observed_ = true;
  return {weak_from_this(), number};
}

dead_letters::observation dead_letters::observe(const caf::actor& receiver) {
  // The book must not keep its reader alive.
  return observe([to = receiver.address()](const dead_letter& letter) {
    if (auto hdl = caf::actor_cast<caf::actor>(to))
      caf::anon_send(hdl, letter);
  });
}

void dead_letters::show(const dead_letter& letter) const {
  std::unique_lock guard{mutex_};
  auto readers = entries_;
  guard.unlock();
  for (auto& reader : *readers) {
    try {
      reader.fn(letter);
    } catch (const std::exception& err) {
      log::error("dead-letters", "observer-threw", err.what());
    } catch (...) {
      log::error("dead-letters", "observer-threw", "not a std::exception");
    }
  }
}

void dead_letters::remove(uint64_t number) {
  std::lock_guard guard{mutex_};
  auto changed = std::make_shared<entries>(*entries_);
  std::erase_if(*changed, [number](auto& e) { return e.number == number; });
  observed_ = !changed->empty();
  entries_ = std::move(changed);
}

} // namespace cosmo
