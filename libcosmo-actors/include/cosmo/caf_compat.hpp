// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/config.hpp>
#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/error.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>

#include <string_view>
#include <utility>

#if CAF_MAJOR_VERSION < 1
#include <caf/monitorable_actor.hpp>
#include <caf/string_view.hpp>
#else
#include <caf/abstract_actor.hpp>
#endif

/// Whatever differs between CAF 0.18 and CAF 1.x, and nothing else.
namespace cosmo::compat {

#if CAF_MAJOR_VERSION < 1
inline caf::string_view field_name(std::string_view name) noexcept {
  return {name.data(), name.size()};
}
#else
inline std::string_view field_name(std::string_view name) noexcept {
  return name;
}
#endif

/// The answer of a handler without content.
inline caf::result<void> result_of(caf::error err) {
  if (err)
    return err;
  return caf::unit;
}

// -- actors without a mailbox --------------------------------------------------

#if CAF_MAJOR_VERSION < 1
/// Runs actors.
using scheduler = caf::execution_unit;

/// What a class extends that is an actor without a behavior.
class bare_actor : public caf::monitorable_actor {
public:
  using caf::monitorable_actor::monitorable_actor;

  using caf::monitorable_actor::enqueue;

  /// Ends the actor for those who monitor it or are linked to it.
  void end(caf::error reason) {
    cleanup(std::move(reason), nullptr);
    unregister_from_system();
  }

  /// For CAF's own use.
  void setup_metrics() {
    // nop
  }
};
#else
using scheduler = caf::scheduler;

class bare_actor : public caf::abstract_actor {
public:
  using caf::abstract_actor::abstract_actor;

  void end(caf::error reason) {
    cleanup(std::move(reason), nullptr);
  }

  void setup_metrics() {
    // nop
  }

private:
  void force_close_mailbox() override {
    // nop
  }
};
#endif

/// A message as it stands in a mailbox.
inline caf::mailbox_element_ptr envelope(caf::strong_actor_ptr sender,
                                         caf::message_id mid,
                                         caf::message content) {
#if CAF_MAJOR_VERSION < 1
  return caf::make_mailbox_element(std::move(sender), mid, {},
                                   std::move(content));
#else
  return caf::make_mailbox_element(std::move(sender), mid, std::move(content));
#endif
}

// -- what an actor leaves in its mailbox ---------------------------------------

/// An actor that is shown, at its end, what it has not taken from its mailbox.
template <class Base>
class mailbox_witness : public Base {
public:
  using Base::Base;

protected:
  virtual void left_behind(const caf::mailbox_element& what) noexcept = 0;

  /// Nothing more will be shown. The actor may stay in memory for as long as
  /// somebody has its handle.
  virtual void all_shown() noexcept {
    // nop
  }

#if CAF_MAJOR_VERSION < 1
public:
  bool cleanup(caf::error&& reason, caf::execution_unit* host) override {
    if (auto& box = this->mailbox(); !box.closed()) {
      box.close();
      this->get_normal_queue().flush_cache();
      this->get_urgent_queue().flush_cache();
      shown show{this, caf::detail::sync_request_bouncer { reason }};
      while (box.queue().new_round(1000, show).consumed_items > 0) {
        // nop
      }
      all_shown();
    }
    return Base::cleanup(std::move(reason), host);
  }

private:
  struct shown {
    mailbox_witness* self;
    caf::detail::sync_request_bouncer bounce;

    caf::intrusive::task_result operator()(const caf::mailbox_element& what) {
      self->left_behind(what);
      bounce(what);
      return caf::intrusive::task_result::resume;
    }

    // Nested queues put their keys in front.
    template <class Key, class Queue, class... Ts>
    auto operator()(const Key&, const Queue&, const Ts&... xs) {
      return (*this)(xs...);
    }
  };
#else
  void on_cleanup(const caf::error& reason) override {
    caf::detail::sync_request_bouncer bounce{reason};
    while (auto what = this->mailbox().pop_front()) {
      left_behind(*what);
      bounce(*what);
    }
    all_shown();
    Base::on_cleanup(reason);
  }
#endif
};

} // namespace cosmo::compat
