// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/config.hpp>
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

} // namespace cosmo::compat
