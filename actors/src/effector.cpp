// SPDX-License-Identifier: Apache-2.0
#include "hosted_part.hpp"
#include <cosmo/effector.hpp>

namespace cosmo {

struct effector::impl : actors::hosted_part<effector> {
  explicit impl(effector_backend_ptr what) : backend(std::move(what)) {
    // nop
  }

  const effector_backend_ptr backend;
};

effector::effector(effector_backend_ptr backend)
  : impl_(actors::one_per_backend<impl>(std::move(backend))) {
  // nop
}

// -- lifecycle -----------------------------------------------------------------

effector& effector::on_connect(std::function<void(const effector&)> fn) {
  impl_->on_connect(std::move(fn));
  return *this;
}

effector& effector::on_refresh(
  std::function<void(const effector&, const refresh_event&)> fn) {
  impl_->on_refresh(std::move(fn));
  return *this;
}

caf::error effector::on_schedule(std::chrono::nanoseconds every,
                                 std::function<void(const effector&)> fn) {
  return impl_->on_schedule(every, std::move(fn));
}

caf::error effector::refresh(refresh_event event) const {
  if (impl_->refresh(std::move(event)))
    return {};
  return make_error(ec::not_attached,
                    "no Dendrite hosts the Effector: " + effector_id());
}

effector_host effector::host() const {
  return effector_host{*this};
}

void effector_host::add_handler(handler_spec spec) const {
  owner_.impl_->add_handler(std::move(spec));
}

// -- properties ----------------------------------------------------------------

const effector_description& effector::describe() const noexcept {
  static const effector_description nothing;
  return impl_->backend ? impl_->backend->describe() : nothing;
}

const effector_backend_ptr& effector::backend() const noexcept {
  return impl_->backend;
}

caf::error effector::check() const {
  if (!impl_->backend)
    return make_error(ec::bad_config, "an Effector needs a backend");
  if (effector_id().empty())
    return make_error(ec::bad_config, "effector_id must not be empty");
  if (effector_kind().empty())
    return make_error(ec::bad_config,
                      "effector_kind must not be empty: " + effector_id());
  if (describe().concurrency == 0)
    return make_error(ec::bad_config,
                      "concurrency must be at least 1: " + effector_id());
  return {};
}

// -- attachment ----------------------------------------------------------------

caf::error effector::attach_to(const void* owner, hosting_link to) {
  if (impl_->attach_to(owner, std::move(to)))
    return {};
  return make_error(ec::already_attached,
                    "attached to another Dendrite: " + effector_id());
}

void effector::detach() noexcept {
  impl_->detach();
}

std::vector<dendrite_hook> effector::lifecycle_hooks(size_t from) const {
  return impl_->bound_hooks(from, *this);
}

std::vector<handler_spec> effector::take_handlers() const {
  return impl_->take_handlers();
}

} // namespace cosmo
