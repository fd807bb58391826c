// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/caf_compat.hpp>
#include <cosmo/dead_letters.hpp>

#include <caf/action.hpp>
#include <caf/system_messages.hpp>

#include <string>
#include <utility>

namespace cosmo {

/// An actor class whose losses are counted: what is in its mailbox when it ends
/// becomes dead letters, of which CAF answers the requests. Without it, plain
/// messages in the mailbox of a dying actor vanish.
///
/// `Base` is an event-based actor class; spawn it with the book and the name of
/// the receiver in front of its own arguments:
/// `sys.spawn<accounted<caf::stateful_actor<parser_state>>>(book, "parser")`.
template <class Base>
class accounted : public compat::mailbox_witness<Base> {
public:
  template <class... Ts>
  accounted(caf::actor_config& cfg, dead_letters_ptr book, std::string receiver,
            Ts&&... xs)
    : compat::mailbox_witness<Base>(cfg, std::forward<Ts>(xs)...),
      book_(std::move(book)),
      receiver_(std::move(receiver)) {
    // nop
  }

protected:
  void left_behind(const caf::mailbox_element& what) noexcept override {
    auto& content = what.payload;
    // CAF's own messages, and answers that nobody waits for any more, are not
    // anybody's mail.
    if (what.mid.is_response() || content.match_elements<caf::exit_msg>()
        || content.match_elements<caf::down_msg>()
        || content.match_elements<caf::node_down_msg>()
        || content.match_elements<caf::action>())
      return;
    book_->add(dead_letter_reason::lost_in_mailbox, receiver_, content);
  }

private:
  dead_letters_ptr book_;
  std::string receiver_;
};

} // namespace cosmo
