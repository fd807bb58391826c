// SPDX-License-Identifier: Apache-2.0
#include "ask.hpp"
#include "worker_state.hpp"
#include <cosmo/caf_compat.hpp>
#include <cosmo/log.hpp>
#include <cosmo/synapse.hpp>

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <exception>
#include <utility>

namespace cosmo {

namespace {

/// Hands the Signals of one subscription to a function, one at a time. Ends
/// with the bus.
struct handler_state {
  static inline const char* name = "cosmo.handler";

  handler_state(subscriber_actor::pointer self, const synapse_actor& bus,
                synapse::handler handler)
    : fn(std::move(handler)) {
    self->set_down_handler([self](caf::down_msg&) { self->quit(); });
    self->monitor(bus);
  }

  subscriber_actor::behavior_type make_behavior() {
    return {[this](deliver_atom, uint64_t, const signal& sig) {
      try {
        fn(sig);
      } catch (const std::exception& err) {
        log::error("synapse", "handler-threw", sig.id() + ": " + err.what());
      } catch (...) {
        log::error("synapse", "handler-threw", sig.id());
      }
    }};
  }

  synapse::handler fn;
};

/// @returns null when the runtime has ended.
subscriber_actor spawn_handler(actors::environment& env,
                               const synapse_actor& bus, synapse::handler fn) {
  using impl = caf::stateful_actor<handler_state, subscriber_actor::base>;
  subscriber_actor result;
  env.use_system([&](caf::actor_system& sys) {
    result = env.cooperative()
               ? subscriber_actor{sys.spawn<impl>(bus, std::move(fn))}
               : subscriber_actor{
                   sys.spawn<impl, caf::detached>(bus, std::move(fn))};
  });
  return result;
}

caf::error not_connected() {
  return make_error(ec::not_connected, "not connected: the Synapse is closed");
}

} // namespace

void subscription_handle::unsubscribe() {
  if (auto receiver = std::exchange(receiver_, nullptr)) {
    env_->send(bus_, caf::unsubscribe_atom_v,
               subscription{0, {}, {}, receiver});
    env_->end(receiver);
  }
}

synapse::synapse(synapse_actor hdl, std::shared_ptr<actors::environment> env)
  : handle_(std::move(hdl)), env_(std::move(env)) {
  // nop
}

caf::error synapse::publish(std::string_view where, const signal& sig) const {
  auto err = actors::ask<void>(*env_, handle_, caf::publish_atom_v,
                               subject{std::string{where}}, sig);
  return err == ec::not_connected ? not_connected() : err;
}

caf::error synapse::flush() const {
  auto err = actors::ask<void>(*env_, handle_, caf::flush_atom_v);
  return err == ec::not_connected ? not_connected() : err;
}

caf::expected<subscription_handle>
synapse::subscribe(std::string_view pattern, handler fn,
                   std::optional<std::string> group) const {
  // An empty name means no group. @source synapse-and-cli.md section 2.3
  if (group && group->empty())
    group.reset();
  auto receiver = spawn_handler(*env_, handle_, std::move(fn));
  if (!receiver)
    return not_connected();
  auto err = actors::ask<void>(
    *env_, handle_, caf::subscribe_atom_v,
    subscription{0, subject{std::string{pattern}}, std::move(group), receiver});
  if (err) {
    env_->end(receiver);
    return err == ec::not_connected ? not_connected() : err;
  }
  return subscription_handle{handle_, receiver, env_};
}

void synapse::close() const {
  env_->forget(handle_);
  (void)actors::ask<void>(*env_, handle_, caf::close_atom_v);
}

} // namespace cosmo
