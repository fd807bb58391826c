// SPDX-License-Identifier: Apache-2.0
#include <cosmo/axon.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>

namespace cosmo {

struct axon::impl {
  explicit impl(axon_options opts) : options(std::move(opts)) {
    // nop
  }

  const axon_options options;
  std::mutex mutex;
  /// Replaced as a whole, so that a running TASK keeps what it started with.
  std::shared_ptr<const hooks> current = std::make_shared<const hooks>();
  std::atomic<const void*> owner = nullptr;
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

axon& axon::add(std::vector<detector> hooks::*bucket, detector fn) {
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

caf::error axon::attach_to(const void* owner) {
  const void* expected = nullptr;
  if (impl_->owner.compare_exchange_strong(expected, owner)
      || expected == owner)
    return {};
  return make_error(ec::already_attached,
                    "attached to another Dendrite: " + neuron_id());
}

void axon::detach() noexcept {
  impl_->owner = nullptr;
}

} // namespace cosmo
