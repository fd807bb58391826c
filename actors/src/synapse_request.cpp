// SPDX-License-Identifier: Apache-2.0
#include "synapse_request.hpp"

#include "ask.hpp"
#include <cosmo/json.hpp>

#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace cosmo::actors {

namespace {

using slot_ptr = std::shared_ptr<answer_slot<caf::expected<signal>>>;

/// Subscribes to the inbox, then asks, then waits; ends with the answer.
class request_state {
public:
  static inline const char* name = "cosmo.request";

  request_state(subscriber_actor::pointer self, synapse_actor bus,
                subject where, signal question, subject inbox,
                caf::timespan timeout, slot_ptr slot)
    : self_(self),
      bus_(std::move(bus)),
      where_(std::move(where)),
      question_(std::move(question)),
      inbox_(std::move(inbox)),
      timeout_(timeout),
      slot_(std::move(slot)) {
    self_->set_down_handler([this](const caf::down_msg&) {
      finish(
        make_error(ec::not_connected, "not connected: the Synapse has ended"));
    });
    self_->monitor(bus_);
  }

  subscriber_actor::behavior_type make_behavior() {
    auto fail = [this](caf::error& why) { finish(translate(std::move(why))); };
    self_
      ->request(bus_, caf::infinite, caf::subscribe_atom_v,
                subscription{0, inbox_, {}, subscriber_actor{self_}})
      .then(
        [this, fail] {
          self_
            ->request(bus_, caf::infinite, caf::publish_atom_v, where_,
                      question_)
            .then([] {}, fail);
        },
        fail);
    self_->run_delayed(timeout_, [this] {
      using seconds = std::chrono::duration<double>;
      finish(make_error(ec::timeout,
                        "no answer on " + inbox_.str() + " within "
                          + std::to_string(seconds{timeout_}.count()) + " s"));
    });
    return {[this](deliver_atom, uint64_t, const signal& sig) { finish(sig); }};
  }

private:
  /// The first word counts.
  void finish(caf::expected<signal> answer) {
    if (auto slot = std::exchange(slot_, nullptr))
      slot->give(std::move(answer));
    self_->quit();
  }

  subscriber_actor::pointer self_;
  synapse_actor bus_;
  subject where_;
  signal question_;
  subject inbox_;
  caf::timespan timeout_;
  slot_ptr slot_;
};

} // namespace

caf::expected<signal> request(environment& env, const synapse_actor& bus,
                              std::string_view where, const signal& sig,
                              std::string inbox, caf::timespan timeout) {
  auto about = sig.envelope();
  if (!about.meta.is_object())
    about.meta = json::object();
  about.meta[reply_to_key] = inbox;
  auto question
    = signal::make_wire(std::move(about), sig.type(), sig.payload());
  auto slot = std::make_shared<slot_ptr::element_type>();
  auto answer = slot->future();
  if (auto box = env.inbox_of(bus))
    box->take_in();
  auto asked = env.use_system([&](caf::actor_system& sys) {
    using impl = caf::stateful_actor<request_state, subscriber_actor::base>;
    sys.spawn<impl, caf::hidden>(bus, subject{std::string{where}},
                                 std::move(question), subject{std::move(inbox)},
                                 timeout, std::move(slot));
  });
  if (!asked)
    return answer_slot<caf::expected<signal>>::gone();
  return await(env, std::move(answer));
}

} // namespace cosmo::actors
