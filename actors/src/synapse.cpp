// SPDX-License-Identifier: Apache-2.0
#include "ask.hpp"
#include "synapse_request.hpp"
#include "worker_state.hpp"
#include <cosmo/caf_compat.hpp>
#include <cosmo/json.hpp>
#include <cosmo/log.hpp>
#include <cosmo/synapse.hpp>

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <exception>
#include <utility>

namespace cosmo {

namespace {

/// Hands the Signals of one subscription to a function, one at a time. Ends
/// with the bus; one that is restarted is subscribed to again.
class handler_state {
public:
  static inline const char* name = "cosmo.handler";

  handler_state(subscriber_actor::pointer self, actors::inbox_ptr box,
                synapse_actor bus, subject pattern,
                std::optional<std::string> group, synapse::handler fn,
                std::shared_ptr<actors::environment> env)
    : self_(self),
      box_(std::move(box)),
      bus_(std::move(bus)),
      pattern_(std::move(pattern)),
      group_(std::move(group)),
      fn_(std::move(fn)),
      env_(std::move(env)) {
    self_->set_down_handler(
      [this](caf::down_msg& msg) { bus_down(msg.reason); });
    self_->monitor(bus_);
  }

  subscriber_actor::behavior_type make_behavior() {
    // Between two buses nobody else holds it.
    me_ = subscriber_actor{self_};
    return {[this](deliver_atom, uint64_t, const signal& sig) {
      box_->took();
      try {
        fn_(sig);
      } catch (const std::exception& err) {
        log::error("synapse", "handler-threw", sig.id() + ": " + err.what());
      } catch (...) {
        log::error("synapse", "handler-threw", sig.id());
      }
    }};
  }

private:
  void bus_down(const caf::error& reason) {
    bus_ = env_->successor(bus_, reason);
    if (!bus_)
      return self_->quit();
    self_->monitor(bus_);
    self_->send(
      bus_, caf::subscribe_atom_v,
      subscription{0, pattern_, group_, subscriber_actor{self_}, box_});
  }

  subscriber_actor::pointer self_;
  actors::inbox_ptr box_;
  subscriber_actor me_;
  synapse_actor bus_;
  subject pattern_;
  std::optional<std::string> group_;
  synapse::handler fn_;
  std::shared_ptr<actors::environment> env_;
};

/// @returns null when the runtime has ended.
subscriber_actor spawn_handler(const std::shared_ptr<actors::environment>& env,
                               const synapse_actor& bus, const subject& pattern,
                               const std::optional<std::string>& group,
                               synapse::handler fn,
                               const actors::inbox_ptr& box) {
  using impl = actors::with_inbox<
    caf::stateful_actor<handler_state, subscriber_actor::base>>;
  subscriber_actor result;
  env->use_system([&](caf::actor_system& sys) {
    // The handle's type is spelled out for CAF 1.x, which does not assign it.
    if (env->cooperative())
      result = subscriber_actor{
        sys.spawn<impl>(box, bus, pattern, group, std::move(fn), env)};
    else
      result = subscriber_actor{sys.spawn<impl, caf::detached>(
        box, bus, pattern, group, std::move(fn), env)};
  });
  return result;
}

caf::error not_connected() {
  return make_error(ec::not_connected, "not connected: the Synapse is closed");
}

} // namespace

void subscription_handle::unsubscribe() {
  if (auto receiver = std::exchange(receiver_, nullptr)) {
    env_->send(env_->latest(bus_), caf::unsubscribe_atom_v,
               subscription{0, {}, {}, receiver});
    env_->end(receiver);
  }
}

synapse::synapse(synapse_actor hdl, std::shared_ptr<actors::environment> env)
  : handle_(std::move(hdl)), env_(std::move(env)) {
  // nop
}

synapse_actor synapse::handle() const {
  return env_->latest(handle_);
}

caf::error synapse::publish(std::string_view where, const signal& sig) const {
  auto bus = handle();
  if (auto box = env_->inbox_of(bus)) {
    if (box->full() && sig.type() != signal_type::STOP)
      return actors::overloaded(*box);
    box->take_in();
  }
  auto err = actors::ask<void>(*env_, bus, caf::publish_atom_v,
                               subject{std::string{where}}, sig);
  return err == ec::not_connected ? not_connected() : err;
}

caf::error synapse::flush() const {
  auto err = actors::ask<void>(*env_, handle(), caf::flush_atom_v);
  return err == ec::not_connected ? not_connected() : err;
}

caf::expected<subscription_handle>
synapse::subscribe(std::string_view pattern, handler fn,
                   std::optional<std::string> group) const {
  // An empty name means no group. @source synapse-and-cli.md section 2.3
  if (group && group->empty())
    group.reset();
  auto bus = handle();
  subject where{std::string{pattern}};
  auto box = env_->mail->open("handler of " + where.str());
  auto receiver = spawn_handler(env_, bus, where, group, std::move(fn), box);
  if (!receiver)
    return not_connected();
  auto err = actors::ask<void>(
    *env_, bus, caf::subscribe_atom_v,
    subscription{0, std::move(where), std::move(group), receiver, box});
  if (err) {
    env_->end(receiver);
    return err == ec::not_connected ? not_connected() : err;
  }
  return subscription_handle{bus, receiver, env_};
}

caf::expected<signal> synapse::request(std::string_view where,
                                       const signal& sig,
                                       std::chrono::nanoseconds timeout) const {
  auto bus = handle();
  auto inbox = env_->is_outside(bus)
                 ? "_inbox." + hex_digits(*env_->build.outside().random)
                 : "_INBOX." + sig.id();
  return actors::request(*env_, bus, where, sig, std::move(inbox), timeout);
}

caf::error synapse::reply_to(const signal& original,
                             const signal& reply) const {
  auto where = original.meta().find(actors::reply_to_key);
  if (where == original.meta().end() || !where->is_string()
      || where->get_ref<const std::string&>().empty())
    return make_error(ec::bad_argument, "nobody waits for an answer to "
                                          + original.id()
                                          + ": it has no meta._reply_to");
  return publish(where->get_ref<const std::string&>(), reply);
}

void synapse::close() const {
  auto bus = handle();
  env_->forget(bus);
  (void)actors::ask<void>(*env_, bus, caf::close_atom_v);
}

} // namespace cosmo
