// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "outcome_of.hpp"
#include <cosmo/accounted.hpp>
#include <cosmo/supervisor.hpp>
#include <cosmo/testing/simulation.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cosmo::test {

/// What children did, and what their factories are to do next.
struct diary {
  /// `+a` when a child began a life, `-a` when it had ended, `!a` when its
  /// factory was told to fail.
  std::vector<std::string> lines;
  /// Every text that a child was given, in order.
  std::vector<std::string> handled;
  std::map<std::string, int> alive;
  std::map<std::string, int> failing_starts;
  /// Whether ever a child had two lives at once.
  bool twice_alive = false;

  std::string story() const {
    std::string result;
    for (auto& line : lines)
      result += (result.empty() ? "" : " ") + line;
    return result;
  }

  void born(const std::string& id) {
    lines.push_back('+' + id);
    twice_alive = twice_alive || ++alive[id] > 1;
  }

  void died(const std::string& id) {
    lines.push_back('-' + id);
    --alive[id];
  }
};

using diary_ptr = std::shared_ptr<diary>;

/// A child that does what it is told: `crash`, `end`, `leave` (as if it had
/// been shut down), `throw`; any other text it answers.
inline caf::behavior obedient(caf::event_based_actor* self, diary_ptr notes) {
  self->set_exception_handler([](std::exception_ptr&) {
    return caf::make_error(caf::sec::runtime_error, "thrown");
  });
  return {[self, notes](const std::string& text) -> caf::result<std::string> {
    notes->handled.push_back(text);
    if (text == "crash")
      self->quit(caf::make_error(caf::sec::runtime_error, "crash"));
    else if (text == "end")
      self->quit();
    else if (text == "leave")
      self->quit(caf::exit_reason::user_shutdown);
    else if (text == "throw")
      throw std::runtime_error{"thrown"};
    return text;
  }};
}

/// The same as a class, for `accounted`.
class obedient_state {
public:
  obedient_state(caf::event_based_actor* self, diary_ptr notes)
    : self_(self), notes_(std::move(notes)) {
    // nop
  }

  caf::behavior make_behavior() {
    return obedient(self_, notes_);
  }

private:
  caf::event_based_actor* self_;
  diary_ptr notes_;
};

/// A simulated runtime, supervised children and their diary.
class nursery {
public:
  explicit nursery(uint64_t seed = 1) : sim(seed) {
    sim.run();
    base_ = sim.actors_alive();
  }

  // -- children ------------------------------------------------------------------

  child_factory factory(std::string id) {
    return [notes = notes, id](caf::actor_system& sys) -> caf::actor {
      if (notes->failing_starts[id] > 0) {
        --notes->failing_starts[id];
        notes->lines.push_back('!' + id);
        throw std::runtime_error{"no " + id + " today"};
      }
      auto hdl = sys.spawn(obedient, notes);
      note(hdl, id, notes);
      return hdl;
    };
  }

  /// One whose losses are counted.
  child_factory accounted_factory(std::string id) {
    return [notes = notes, id](const child_context& context) -> caf::actor {
      auto hdl
        = context.system.spawn<accounted<caf::stateful_actor<obedient_state>>>(
          context.letters, context.path, notes);
      note(hdl, id, notes);
      return hdl;
    };
  }

  /// One that ignores being asked to end.
  child_factory stubborn(std::string id) {
    return [notes = notes, id](caf::actor_system& sys) {
      auto hdl = sys.spawn([notes](caf::event_based_actor* self) {
        self->set_exit_handler([](caf::exit_msg&) {});
        return obedient(self, notes);
      });
      note(hdl, id, notes);
      return hdl;
    };
  }

  child_spec child(std::string id,
                   restart_type restart = restart_type::permanent) {
    return {.id = id, .start = factory(id), .restart = restart};
  }

  std::vector<child_spec> children(const std::string& ids) {
    std::vector<child_spec> result;
    for (auto id : ids)
      result.push_back(child(std::string{id}));
    return result;
  }

  // -- trees ---------------------------------------------------------------------

  supervisor start(supervisor_options options, std::vector<child_spec> specs) {
    auto result
      = supervisor::start(sim.runtime(), std::move(options), std::move(specs));
    if (!result)
      throw std::runtime_error{describe(result.error())};
    sim.run();
    return *result;
  }

  /// Tells a child something, and lets everything settle that takes no time.
  void tell(const supervisor& tree, const std::string& id,
            const std::string& text) {
    auto hdl = tree.child(id);
    if (!hdl || !*hdl)
      throw std::runtime_error{"there is no " + id};
    caf::anon_send(*hdl, text);
    sim.run();
  }

  /// What was written since the last call.
  std::string story() {
    auto result = notes->story();
    notes->lines.clear();
    return result;
  }

  /// The state of the children: `a:running b:restarting`.
  std::string states(const supervisor& tree) {
    std::string result;
    auto children = tree.which_children();
    if (!children)
      return outcome_of(children.error());
    for (auto& c : *children)
      result += (result.empty() ? "" : " ") + c.id + ':'
                + std::string{to_string(c.state)};
    return result;
  }

  std::vector<child_info> all(const supervisor& tree) {
    return tree.which_children().value();
  }

  child_info info(const supervisor& tree, const std::string& id) {
    for (auto& c : all(tree))
      if (c.id == id)
        return c;
    throw std::runtime_error{"there is no " + id};
  }

  /// The number of actors that are alive because of the test.
  size_t actors() {
    sim.run();
    return sim.actors_alive() - base_;
  }

  /// Why an actor ended; empty while it lives.
  template <class Handle>
  std::shared_ptr<std::optional<caf::error>> end_of(const Handle& hdl) {
    auto result = std::make_shared<std::optional<caf::error>>();
    caf::actor_cast<caf::abstract_actor*>(hdl)->attach_functor(
      [result](const caf::error& reason) { *result = reason; });
    return result;
  }

  dead_letters& letters() {
    return sim.runtime().dead_letters();
  }

  testing::simulation sim;
  diary_ptr notes = std::make_shared<diary>();

private:
  static void note(const caf::actor& hdl, const std::string& id,
                   const diary_ptr& notes) {
    notes->born(id);
    hdl->attach_functor([notes, id] { notes->died(id); });
  }

  size_t base_ = 0;
};

} // namespace cosmo::test
