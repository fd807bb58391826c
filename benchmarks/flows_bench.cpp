// SPDX-License-Identifier: Apache-2.0
//
// An offer to a hundred bidders against a hundred questions of a bare actor,
// and a STOP that has to reach a tree of a thousand traces.

#include "bench.hpp"

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace bench {

namespace {

// -- bidding -------------------------------------------------------------------

constexpr int bidders = 100;
constexpr int offers = 500;

/// Seconds per offer. The first bid decides, but all others have to be heard,
/// too, before the next offer gets its turn.
double offer_round() {
  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");
  std::vector<cosmo::dendrite> halls;
  for (int i = 0; i < bidders; ++i) {
    auto& d = halls.emplace_back(
      rt.dendrite(synapse, {.dendrite_id = std::to_string(i),
                            .role = cosmo::role::worker}));
    (void)d.attach_axon(
      {.neuron_id = "n" + std::to_string(i),
       .neuron = cosmo::neuron::async(
         [](const cosmo::json&, const cosmo::json&, cosmo::neuron_io,
            cosmo::neuron_promise done) { done.deliver(nullptr); })});
    (void)d.start();
  }
  auto from = rt.dendrite(synapse);
  (void)from.start();
  return time([&] {
           for (int i = 0; i < offers; ++i)
             if (auto path = from.dispatch_offer({}))
               (void)path->wait();
           (void)from.ensure_subscribed({});
         })
         / offers;
}

/// Seconds per round of questions to as many actors.
double question_round() {
  cosmo::runtime rt;
  auto& sys = rt.system();
  std::vector<caf::actor> others;
  for (int i = 0; i < bidders; ++i)
    others.push_back(
      sys.spawn([]() -> caf::behavior { return {[](int x) { return x; }}; }));
  auto left = std::make_shared<int>(offers * bidders);
  auto result = time([&] {
                  run_actor(sys, [&](caf::event_based_actor* self, auto done) {
                    // A round begins when the one before has been answered.
                    auto round = std::make_shared<std::function<void()>>();
                    *round = [=, &others] {
                      for (auto& hdl : others)
                        self->request(hdl, caf::infinite, 1).then([=](int) {
                          if (--*left == 0)
                            done();
                          else if (*left % bidders == 0)
                            (*round)();
                        });
                    };
                    (*round)();
                  });
                })
                / offers;
  for (auto& hdl : others)
    caf::anon_send_exit(hdl, caf::exit_reason::user_shutdown);
  return result;
}

// -- STOP ----------------------------------------------------------------------

constexpr int leaves = 889;
constexpr int inner = 110;

/// Neurons that dispatch to others, and leaves that never answer.
class tree {
public:
  tree() {
    (void)host_.attach_axon({.neuron_id = "leaf", .neuron = leaf()});
    (void)host_.attach_axon({.neuron_id = "branch", .neuron = branch()});
    (void)host_.start();
  }

  /// Milliseconds from the STOP of the root until the last leaf has heard it.
  double stop() {
    auto root = host_.dispatch({.neuron = "branch", .input = {{"level", 0}}});
    for (int n = grown_; n < leaves; n = grown_)
      grown_.wait(n);
    return 1e3 * time([&] {
             (void)host_.emit_stop(root->trace_id());
             for (int n = stopped_; n < leaves; n = stopped_)
               stopped_.wait(n);
           });
  }

private:
  static void count(std::atomic<int>& what) {
    ++what;
    what.notify_one();
  }

  cosmo::any_neuron leaf() {
    return cosmo::neuron::async([this](const cosmo::json&, const cosmo::json&,
                                       cosmo::neuron_io io,
                                       cosmo::neuron_promise done) {
      std::lock_guard guard{mutex_};
      waiting_.push_back(std::move(done));
      callbacks_.emplace_back(io.stop_token(), [this] { count(stopped_); });
      count(grown_);
    });
  }

  cosmo::any_neuron branch() {
    return [this](const cosmo::json& input, const cosmo::json&,
                  const cosmo::neuron_io& io) -> cosmo::json {
      auto level = input.at("level").get<int>();
      for (int i = 0; i < 10; ++i) {
        auto is_leaf = level == 2;
        if (is_leaf && ++planted_ > leaves)
          break;
        auto path = io.dispatch({.neuron = is_leaf ? "leaf" : "branch",
                                 .input = {{"level", level + 1}}});
        std::lock_guard guard{mutex_};
        if (path)
          paths_.push_back(std::move(*path));
      }
      return cosmo::json::object();
    };
  }

  std::mutex mutex_;
  std::vector<cosmo::neuron_promise> waiting_;
  std::deque<std::stop_callback<std::function<void()>>> callbacks_;
  std::vector<cosmo::pathway> paths_;
  std::atomic<int> planted_ = 0;
  std::atomic<int> grown_ = 0;
  std::atomic<int> stopped_ = 0;
  cosmo::runtime rt_;
  cosmo::dendrite host_ = rt_.dendrite(rt_.connect("memory:"));
};

static_assert(1 + inner + leaves == 1'000);

} // namespace

void flows() {
  auto raw = best_of(5, question_round);
  auto round = best_of(5, offer_round);
  report("bid.round_us", 1e6 * round, "us");
  report("bid.raw_round_us", 1e6 * raw, "us");
  report("bid.round_ratio", round / raw, "x");
  report("stop.tree_ms", best_of(5, [] { return tree{}.stop(); }), "ms");
}

} // namespace bench
