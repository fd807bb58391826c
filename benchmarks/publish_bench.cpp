// SPDX-License-Identifier: Apache-2.0
//
// One publisher and one subscriber through the Synapse against the same struct
// sent directly; and what unrelated subscriptions add to the cost of a publish.

#include "bench.hpp"
#include <cosmo/signal_builder.hpp>

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <string>

namespace bench {

namespace {

constexpr int signals = 200'000;
constexpr int batch = 256;
constexpr int unrelated_many = 100'000;
constexpr int unrelated_few = 10;

cosmo::signal sample() {
  cosmo::signal_builder build{cosmo::world::real()};
  return build.make(cosmo::payload::thought_delta{"a thought", 1});
}

/// Counts what arrives and asks the publisher for more after each batch, so
/// that no mailbox grows without bound.
struct receiver_state {
  explicit receiver_state(caf::actor source) : publisher(std::move(source)) {
    // nop
  }

  cosmo::subscriber_actor::behavior_type make_behavior() {
    return {[this](cosmo::deliver_atom, uint64_t, const cosmo::signal&) {
      if (++count % batch == 0)
        caf::anon_send(publisher, caf::ok_atom_v);
    }};
  }

  caf::actor publisher;
  int count = 0;
};

/// Lets `send` be called `signals` times, two batches ahead of the receiver.
template <class MakeSend>
double run(caf::actor_system& sys, MakeSend make_send) {
  return time([&] {
    run_actor(sys, [&](caf::event_based_actor* self, auto done) {
      using receiver_impl
        = caf::stateful_actor<receiver_state, cosmo::subscriber_actor::base>;
      cosmo::subscriber_actor receiver
        = sys.spawn<receiver_impl>(caf::actor{self});
      auto send = make_send(self, receiver);
      auto left = std::make_shared<int>(signals / batch);
      self->become([=](caf::ok_atom) {
        if (--*left == 0) {
          done();
          self->quit();
          caf::anon_send_exit(receiver, caf::exit_reason::kill);
          return;
        }
        for (int i = 0; i < batch; ++i)
          send();
      });
      for (int i = 0; i < 2 * batch; ++i)
        send();
    });
  });
}

double run_direct(caf::actor_system& sys, const cosmo::signal& sig) {
  return run(sys, [&](caf::event_based_actor* self, auto receiver) {
    return
      [=] { self->send(receiver, cosmo::deliver_atom_v, uint64_t{0}, sig); };
  });
}

double run_synapse(caf::actor_system& sys, const cosmo::synapse_actor& bus,
                   const cosmo::signal& sig) {
  auto where = cosmo::signal_subject("bench", sig.type());
  return run(sys, [&](caf::event_based_actor* self, auto receiver) {
    self->send(bus, caf::subscribe_atom_v,
               cosmo::subscription{0, where, {}, receiver});
    return [=] { self->send(bus, caf::publish_atom_v, where, sig); };
  });
}

/// Subscribes one actor to many subjects nobody publishes on.
cosmo::subscriber_actor subscribe_unrelated(caf::actor_system& sys,
                                            const cosmo::synapse& bus,
                                            int count) {
  using receiver_impl
    = caf::stateful_actor<receiver_state, cosmo::subscriber_actor::base>;
  cosmo::subscriber_actor receiver = sys.spawn<receiver_impl>(caf::actor{});
  for (int i = 0; i < count; ++i)
    caf::anon_send(
      bus.handle(), caf::subscribe_atom_v,
      cosmo::subscription{
        static_cast<uint64_t>(i),
        cosmo::subject{"cosmonapse.n" + std::to_string(i) + ".PLAN"},
        {},
        receiver});
  (void)bus.flush();
  return receiver;
}

double run_with_unrelated(int count, const cosmo::signal& sig) {
  cosmo::runtime rt;
  auto bus = rt.connect("memory:");
  auto receiver = subscribe_unrelated(rt.system(), *bus, count);
  auto best
    = best_of(5, [&] { return run_synapse(rt.system(), bus->handle(), sig); });
  caf::anon_send_exit(receiver, caf::exit_reason::kill);
  return best;
}

} // namespace

void publish() {
  auto sig = sample();
  {
    cosmo::runtime rt;
    auto bus = rt.connect("memory:");
    auto direct = best_of(5, [&] { return run_direct(rt.system(), sig); });
    auto ours = best_of(
      5, [&] { return run_synapse(rt.system(), bus->handle(), sig); });
    report("publish.per_s", signals / ours, "1/s");
    report("publish.ratio", direct / ours, "x");
  }
  auto few = run_with_unrelated(unrelated_few, sig);
  auto many = run_with_unrelated(unrelated_many, sig);
  report("fanout.cost_ratio", many / few, "x");
}

} // namespace bench
