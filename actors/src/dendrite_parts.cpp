// SPDX-License-Identifier: Apache-2.0
#include "dendrite_parts.hpp"

#include "call_attribution.hpp"
#include "countdown.hpp"

#include <utility>

namespace cosmo::actors {

// -- hosting -------------------------------------------------------------------

/// Connects and announces Engrams and Effectors; `done` is called when each has
/// been tried once.
void dendrite_state::serve_parts(std::function<void()> done) {
  if (!engrams_.empty())
    ensure(engram_types);
  if (!effectors_.empty())
    ensure(effector_types);
  auto both = std::make_shared<countdown>(std::move(done));
  engrams_.serve_all(both->one_more());
  effectors_.serve_all(both->one_more());
  both->close();
}

/// `done` is called when all of them are closed.
void dendrite_state::leave_parts(const std::string& reason,
                                 std::function<void()> done) {
  auto both = std::make_shared<countdown>(std::move(done));
  engrams_.leave_all(reason, both->one_more());
  effectors_.leave_all(reason, both->one_more());
  both->close();
}

bool dendrite_state::hosts_nothing() const noexcept {
  return axons_.empty() && engrams_.empty() && effectors_.empty();
}

// -- calling -------------------------------------------------------------------

/// On whose behalf a call is; fills in what it inherits.
caf::error dendrite_state::attribute(const std::string& task_id,
                                     call_attribution about,
                                     ec cancelled) const {
  if (auto err = check_room())
    return err;
  if (!task_id.empty()) {
    auto i = runs_.find(task_id);
    if (i == runs_.end())
      return make_error(cancelled, "the TASK is not running: " + task_id);
    // An explicit trace never gets an inherited parent.
    if (!about.trace_id) {
      about.trace_id = i->second.task.trace_id();
      if (!about.parent_id)
        about.parent_id = task_id;
    }
  }
  auto& ids = *env_->build.outside().ids;
  if (!about.trace_id)
    about.trace_id = ids.new_trace_id();
  if (!about.parent_id)
    about.parent_id = ids.new_event_id();
  if (about.deadline && about.deadline->count() < 0)
    return make_error(ec::bad_argument,
                      "deadline must not be negative: "
                        + std::to_string(about.deadline->count()) + " ms");
  return {};
}

} // namespace cosmo::actors
