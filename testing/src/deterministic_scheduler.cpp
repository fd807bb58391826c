// SPDX-License-Identifier: Apache-2.0
#include <cosmo/runtime.hpp>
#include <cosmo/testing/deterministic_scheduler.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/config.hpp>

#include <algorithm>

#if CAF_MAJOR_VERSION == 0
#include <caf/scheduler/test_coordinator.hpp>
#else
#include <caf/test/fixture/deterministic.hpp>
#include <caf/test/reporter.hpp>
#endif

namespace cosmo::testing {

#if CAF_MAJOR_VERSION == 0

namespace {

struct deterministic_config : caf::actor_system_config {
  deterministic_config() {
    set("caf.scheduler.policy", "testing");
  }
};

} // namespace

struct deterministic_scheduler::impl {
  deterministic_config config;
  caf::actor_system sys{config};
  caf::scheduler::test_coordinator& coordinator
    = dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  caf::actor_clock::time_point start = coordinator.clock().now();
};

caf::actor_system& deterministic_scheduler::system() {
  return impl_->sys;
}

bool deterministic_scheduler::deliver_one() {
  return impl_->coordinator.try_run_once();
}

size_t deterministic_scheduler::advance(caf::timespan by) {
  return impl_->coordinator.advance_time(by);
}

bool deterministic_scheduler::trigger_next() {
  return impl_->coordinator.has_pending_timeout()
         && impl_->coordinator.trigger_timeout();
}

std::optional<caf::timespan> deterministic_scheduler::next_timeout() const {
  auto& clock = impl_->coordinator.clock();
  for (auto& [when, entry] : clock.schedule)
    if (!entry.f.disposed())
      return std::max(caf::timespan{0}, when - clock.now());
  return std::nullopt;
}

caf::timespan deterministic_scheduler::elapsed() const {
  return impl_->coordinator.clock().now() - impl_->start;
}

#else

namespace {

/// CAF's fixture logs to the reporter of its own test runner; here is none.
struct silent_reporter {
  silent_reporter() : reporter(caf::test::reporter::make_default()) {
    reporter->verbosity(0);
    caf::test::reporter::instance(reporter.get());
  }

  ~silent_reporter() {
    caf::test::reporter::instance(nullptr);
  }

  std::unique_ptr<caf::test::reporter> reporter;
};

} // namespace

struct deterministic_scheduler::impl : silent_reporter,
                                       caf::test::fixture::deterministic {
  caf::actor_clock::time_point start = sys.clock().now();
};

caf::actor_system& deterministic_scheduler::system() {
  return impl_->sys;
}

bool deterministic_scheduler::deliver_one() {
  return impl_->dispatch_message();
}

size_t deterministic_scheduler::advance(caf::timespan by) {
  // The fixture refuses to stand still.
  return by.count() > 0 ? impl_->advance_time(by) : 0;
}

bool deterministic_scheduler::trigger_next() {
  return impl_->num_timeouts() > 0 && impl_->trigger_timeout();
}

std::optional<caf::timespan> deterministic_scheduler::next_timeout() const {
  if (!impl_->has_pending_timeout())
    return std::nullopt;
  auto now = impl_->sys.clock().now();
  return std::max(caf::timespan{0}, impl_->next_timeout() - now);
}

caf::timespan deterministic_scheduler::elapsed() const {
  return impl_->sys.clock().now() - impl_->start;
}

#endif

deterministic_scheduler::deterministic_scheduler() {
  init_message_types();
  impl_ = std::make_unique<impl>();
}

deterministic_scheduler::~deterministic_scheduler() = default;

} // namespace cosmo::testing
