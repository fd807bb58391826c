// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/caf_compat.hpp>
#include <cosmo/dead_letters.hpp>

#include <caf/actor.hpp>
#include <caf/actor_config.hpp>

#include <cstddef>
#include <deque>
#include <shared_mutex>
#include <string>

namespace cosmo::actors {

/// The address of a child that survives its restarts. It has no mailbox and
/// takes no turn: whoever sends puts the message straight into the mailbox of
/// the present child, as it is, with its sender, request id and priority. A
/// request is thus answered by the child itself.
///
/// While there is no child but one is to come, messages wait here in order. A
/// message from one sender never overtakes another of the same priority.
/// @affinity any thread
class stand_in : public compat::bare_actor {
public:
  stand_in(caf::actor_config& cfg, std::string path, size_t capacity,
           dead_letters_ptr letters);

  const char* name() const override {
    return "cosmo.stand-in";
  }

  bool enqueue(caf::mailbox_element_ptr what,
               compat::scheduler* where) override;

  // -- what the supervisor says --------------------------------------------------

  /// There is a child: it gets what has been waiting, then what comes.
  void open(caf::actor child);

  /// A child will come: messages wait for it.
  void hold();

  /// No child will come, for now: messages are dead letters.
  void refuse();

  /// No child will come ever.
  void close(caf::error reason);

  /// How many messages are waiting.
  size_t stashed() const;

private:
  bool forward(caf::mailbox_element_ptr& what, compat::scheduler* where) const;
  bool give(caf::mailbox_element_ptr& what, compat::scheduler* where);
  bool keep(caf::mailbox_element_ptr& what);
  static size_t counts(const caf::mailbox_element& what);
  void answer(const caf::mailbox_element& what,
              dead_letter_reason reason) const;

  std::string path_;
  size_t capacity_;
  dead_letters_ptr letters_;
  /// Shared by senders while there is a child.
  mutable std::shared_mutex mutex_;
  /// Null while none is there, or the one that was takes nothing any more.
  caf::actor child_;
  /// Whether no child is to come.
  bool refusing_ = true;
  std::deque<caf::mailbox_element_ptr> stash_;
  /// Those of them that count.
  size_t ordinary_ = 0;
};

} // namespace cosmo::actors
