// SPDX-License-Identifier: Apache-2.0
//
// Round trips through the whole framework against a chain of bare CAF actors
// that passes the same Signal over the same number of hops. On the way from the
// caller and back a dispatch takes eight: Dendrite, Synapse, Dendrite, Axon,
// Dendrite, Synapse, Dendrite, caller.

#include "bench.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace bench {

namespace {

constexpr int hops = 8;
constexpr int in_flight = 64;
constexpr int round_trips = 60'000;
constexpr int plain_round_trips = 20'000;
constexpr int serial_round_trips = 10'000;
constexpr int cold_round_trips = 50;
constexpr std::chrono::milliseconds fall_asleep{20};

struct latencies {
  std::vector<double> us;

  double percentile(double p) {
    auto position = us.begin() + static_cast<long>(us.size() * p);
    std::nth_element(us.begin(), position, us.end());
    return *position;
  }
};

/// One worker with one Axon and one orchestrator, on a memory Synapse.
struct setup {
  cosmo::runtime rt;
  cosmo::dendrite worker;
  cosmo::dendrite orchestrator;
  cosmo::running_scope scope;

  explicit setup(cosmo::any_neuron neuron, cosmo::scheduling policy)
    : rt({.policy = policy}),
      worker(rt.dendrite(rt.connect("memory:"), {.role = cosmo::role::worker})),
      orchestrator(rt.dendrite(rt.connect("memory:"))),
      scope(
        (worker.attach_axon({.neuron_id = "n", .neuron = std::move(neuron)}),
         cosmo::running(worker, orchestrator))) {
    // nop
  }
};

cosmo::any_neuron empty_async() {
  return cosmo::neuron::async(
    [](const cosmo::json&, const cosmo::json&, cosmo::neuron_io,
       cosmo::neuron_promise done) { done.deliver(cosmo::json::object()); });
}

cosmo::any_neuron empty_plain() {
  return [](const cosmo::json&, const cosmo::json&) -> cosmo::json {
    return cosmo::json::object();
  };
}

/// Keeps `window` dispatches under way until `total` have come back.
struct dispatcher : std::enable_shared_from_this<dispatcher> {
  caf::event_based_actor* self;
  cosmo::dendrite_actor target;
  int to_send;
  int to_receive;
  std::function<void()> done;
  latencies* times;

  void next() {
    if (to_send-- <= 0)
      return;
    auto start = times ? clock::now() : clock::time_point{};
    self
      ->request(target, caf::infinite, cosmo::dispatch_atom_v,
                cosmo::wait_atom_v, cosmo::dispatch_options{.neuron = "n"})
      .then([me = shared_from_this(), start](const cosmo::signal&) {
        if (me->times)
          me->times->us.push_back(
            std::chrono::duration<double, std::micro>(clock::now() - start)
              .count());
        if (--me->to_receive == 0)
          me->done();
        else
          me->next();
      });
  }
};

void run_dispatches(setup& s, int total, int window, latencies* times) {
  run_actor(s.rt.system(), [&](caf::event_based_actor* self, auto done) {
    auto d = std::make_shared<dispatcher>();
    d->self = self;
    d->target = s.orchestrator.handle();
    d->to_send = d->to_receive = total;
    d->done = done;
    d->times = times;
    for (int i = 0; i < window; ++i)
      d->next();
  });
}

/// A chain of relays that ends where it began.
void run_chain(caf::actor_system& sys, const cosmo::signal& sig, int total,
               int window, latencies* times) {
  run_actor(sys, [&](caf::event_based_actor* self, auto done) {
    caf::actor next = self;
    for (int i = 1; i < hops; ++i)
      next = sys.spawn([next](caf::event_based_actor* relay) -> caf::behavior {
        return {[relay, next](cosmo::deliver_atom, const cosmo::signal& x) {
          relay->send(next, cosmo::deliver_atom_v, x);
        }};
      });
    struct progress {
      int to_send;
      int to_receive;
      clock::time_point start;
    };
    auto p = std::make_shared<progress>(progress{total, total, {}});
    auto send = [=] {
      if (p->to_send-- <= 0)
        return;
      if (times)
        p->start = clock::now();
      self->send(next, cosmo::deliver_atom_v, sig);
    };
    self->become([=](cosmo::deliver_atom, const cosmo::signal&) {
      if (times)
        times->us.push_back(
          std::chrono::duration<double, std::micro>(clock::now() - p->start)
            .count());
      if (--p->to_receive == 0) {
        done();
        self->quit();
        caf::anon_send_exit(next, caf::exit_reason::kill);
      } else {
        send();
      }
    });
    for (int i = 0; i < window; ++i)
      send();
  });
}

cosmo::signal sample(setup& s) {
  auto task = s.orchestrator.dispatch_task({.neuron = "nobody"});
  return *task;
}

/// One dispatch after everybody has fallen asleep, through the facade.
double cold_latency_us(setup& s) {
  latencies times;
  for (int i = 0; i < cold_round_trips; ++i) {
    std::this_thread::sleep_for(fall_asleep);
    times.us.push_back(
      1e6
      * time([&] { (void)s.orchestrator.dispatch_and_wait({.neuron = "n"}); }));
  }
  return times.percentile(0.50);
}

/// Both ways of scheduling, of which doc/decisions/002 chooses one.
void compare(cosmo::scheduling policy, const std::string& name) {
  setup async{empty_async(), policy};
  auto sig = sample(async);
  auto chain = best_of(3, [&] {
    return time([&] {
             run_chain(async.rt.system(), sig, round_trips, in_flight, nullptr);
           })
           / round_trips;
  });
  auto ours = best_of(3, [&] {
    return time([&] { run_dispatches(async, round_trips, in_flight, nullptr); })
           / round_trips;
  });
  report("scheduler." + name + ".dispatch_per_s", 1 / ours, "1/s");
  report("scheduler." + name + ".chain_per_s", 1 / chain, "1/s");
  report("scheduler." + name + ".cold_p50_us", cold_latency_us(async), "us");
}

} // namespace

void scheduler() {
  compare(cosmo::scheduling::sharing, "sharing");
  compare(cosmo::scheduling::stealing, "stealing");
}

void dispatch() {
  auto policy = cosmo::runtime_options{}.policy;
  setup async{empty_async(), policy};
  auto sig = sample(async);
  auto& sys = async.rt.system();
  auto chain = best_of(3, [&] {
    return time([&] { run_chain(sys, sig, round_trips, in_flight, nullptr); })
           / round_trips;
  });
  auto ours = best_of(3, [&] {
    return time([&] { run_dispatches(async, round_trips, in_flight, nullptr); })
           / round_trips;
  });
  setup plain{empty_plain(), policy};
  auto ours_plain = best_of(2, [&] {
    return time([&] {
             run_dispatches(plain, plain_round_trips, in_flight, nullptr);
           })
           / plain_round_trips;
  });
  report("dispatch.per_s", 1 / ours, "1/s");
  report("dispatch.chain_per_s", 1 / chain, "1/s");
  report("dispatch.ratio", chain / ours, "x");
  report("dispatch.plain_ratio", chain / ours_plain, "x");
  latencies ours_serial;
  latencies chain_serial;
  run_dispatches(async, serial_round_trips, 1, &ours_serial);
  run_chain(sys, sig, serial_round_trips, 1, &chain_serial);
  report("dispatch.p50_us", ours_serial.percentile(0.50), "us");
  report("dispatch.p99_us", ours_serial.percentile(0.99), "us");
  report("dispatch.chain_p50_us", chain_serial.percentile(0.50), "us");
  report("dispatch.chain_p99_us", chain_serial.percentile(0.99), "us");
}

} // namespace bench
