// SPDX-License-Identifier: Apache-2.0
#include "shared_function.hpp"
#include <cosmo/axon.hpp>

#include <algorithm>
#include <mutex>
#include <utility>

namespace cosmo {

namespace {

/// A hook that is bound to its Axon only when it is called: the Axon must not
/// keep itself alive.
struct lifecycle_hook {
  std::function<void(const axon&)> on_connect = {};
  std::function<void(const axon&, const refresh_event&)> on_refresh = {};
  std::function<void(const axon&)> on_schedule = {};
  caf::timespan every = {};
};

} // namespace

struct axon::impl {
  explicit impl(axon_options opts) : options(std::move(opts)) {
    // nop
  }

  const axon_options options;
  std::mutex mutex;
  /// Replaced as a whole, so that a running TASK keeps what it started with.
  std::shared_ptr<const hooks> current = std::make_shared<const hooks>();
  const void* owner = nullptr;
  link dendrite;
  std::vector<lifecycle_hook> lifecycle;
  std::vector<handler_spec> handlers;

  /// Tells the Dendrite, if there is one, that there is something new.
  void changed(std::unique_lock<std::mutex> guard) {
    auto tell = dendrite.changed;
    guard.unlock();
    if (tell)
      tell();
  }
};

axon::axon(axon_options options)
  : impl_(std::make_shared<impl>(std::move(options))) {
  // nop
}

axon& axon::before_task(input_hook fn) {
  std::lock_guard guard{impl_->mutex};
  auto next = std::make_shared<hooks>(*impl_->current);
  next->before_task.push_back(std::move(fn));
  impl_->current = std::move(next);
  return *this;
}

axon& axon::add(std::vector<detector> hooks::* bucket, detector fn) {
  std::lock_guard guard{impl_->mutex};
  auto next = std::make_shared<hooks>(*impl_->current);
  (next.get()->*bucket).push_back(std::move(fn));
  impl_->current = std::move(next);
  return *this;
}

axon& axon::detects_error(detector fn) {
  return add(&hooks::error, std::move(fn));
}

axon& axon::detects_clarification(detector fn) {
  return add(&hooks::clarification, std::move(fn));
}

axon& axon::detects_permission(detector fn) {
  return add(&hooks::permission, std::move(fn));
}

axon& axon::detects_output(detector fn) {
  return add(&hooks::output, std::move(fn));
}

std::shared_ptr<const axon::hooks> axon::current_hooks() const {
  std::lock_guard guard{impl_->mutex};
  return impl_->current;
}

// -- lifecycle -----------------------------------------------------------------

axon& axon::on_connect(std::function<void(const axon&)> fn) {
  std::unique_lock guard{impl_->mutex};
  impl_->lifecycle.push_back(
    {.on_connect = actors::shared_function(std::move(fn))});
  impl_->changed(std::move(guard));
  return *this;
}

axon& axon::on_refresh(
  std::function<void(const axon&, const refresh_event&)> fn) {
  std::unique_lock guard{impl_->mutex};
  impl_->lifecycle.push_back(
    {.on_refresh = actors::shared_function(std::move(fn))});
  impl_->changed(std::move(guard));
  return *this;
}

caf::error axon::on_schedule(std::chrono::nanoseconds every,
                             std::function<void(const axon&)> fn) {
  if (every.count() <= 0)
    return make_error(
      ec::bad_argument,
      "every must be above zero: " + std::to_string(every.count()) + " ns");
  std::unique_lock guard{impl_->mutex};
  impl_->lifecycle.push_back(
    {.on_schedule = actors::never_overlapping(std::move(fn)), .every = every});
  impl_->changed(std::move(guard));
  return {};
}

caf::error axon::refresh(refresh_event event) const {
  std::unique_lock guard{impl_->mutex};
  auto tell = impl_->dendrite.refresh;
  guard.unlock();
  if (!tell)
    return make_error(ec::not_attached,
                      "no Dendrite hosts the Axon: " + neuron_id());
  tell(std::move(event));
  return {};
}

axon_host axon::host() const {
  return axon_host{*this};
}

void axon_host::add_handler(handler_spec spec) const {
  std::unique_lock guard{owner_.impl_->mutex};
  spec.fn = actors::shared_function(std::move(spec.fn));
  owner_.impl_->handlers.push_back(std::move(spec));
  owner_.impl_->changed(std::move(guard));
}

std::vector<dendrite_hook> axon::lifecycle_hooks(size_t from) const {
  std::vector<dendrite_hook> result;
  std::lock_guard guard{impl_->mutex};
  for (auto i = from; i < impl_->lifecycle.size(); ++i) {
    auto& hook = impl_->lifecycle[i];
    dendrite_hook bound;
    bound.every = hook.every;
    if (hook.on_connect)
      bound.on_connect = [fn = hook.on_connect, me = *this] { fn(me); };
    if (hook.on_refresh)
      bound.on_refresh = [fn = hook.on_refresh, me = *this](
                           const refresh_event& event) { fn(me, event); };
    if (hook.on_schedule)
      bound.on_schedule = [fn = hook.on_schedule, me = *this] { fn(me); };
    result.push_back(std::move(bound));
  }
  return result;
}

std::vector<handler_spec> axon::take_handlers() const {
  std::lock_guard guard{impl_->mutex};
  return std::exchange(impl_->handlers, {});
}

// -- properties ----------------------------------------------------------------

const axon_options& axon::options() const noexcept {
  return impl_->options;
}

caf::error axon::check() const {
  auto& opts = options();
  if (opts.neuron_id.empty())
    return make_error(ec::bad_config, "neuron_id must not be empty");
  if (auto& fault = opts.neuron.fault())
    return fault;
  if (!opts.neuron)
    return make_error(ec::bad_config, "neuron is missing: " + opts.neuron_id);
  if (opts.concurrency == 0)
    return make_error(ec::bad_config,
                      "concurrency must be at least 1: " + opts.neuron_id);
  return {};
}

bool axon::covers(const std::vector<std::string>& requested) const {
  auto& offered = options().capabilities;
  return std::ranges::all_of(requested, [&](const std::string& capability) {
    return std::ranges::find(offered, capability) != offered.end();
  });
}

// -- attachment ----------------------------------------------------------------

caf::error axon::attach_to(const void* owner, link to) {
  std::lock_guard guard{impl_->mutex};
  if (impl_->owner && impl_->owner != owner)
    return make_error(ec::already_attached,
                      "attached to another Dendrite: " + neuron_id());
  impl_->owner = owner;
  impl_->dendrite = std::move(to);
  return {};
}

void axon::detach() noexcept {
  std::lock_guard guard{impl_->mutex};
  impl_->owner = nullptr;
  impl_->dendrite = {};
}

} // namespace cosmo
