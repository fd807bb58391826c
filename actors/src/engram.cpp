// SPDX-License-Identifier: Apache-2.0
#include "hosted_part.hpp"
#include <cosmo/engram.hpp>

namespace cosmo {

struct engram::impl : actors::hosted_part<engram> {
  explicit impl(engram_backend_ptr what) : backend(std::move(what)) {
    // nop
  }

  const engram_backend_ptr backend;
  const std::shared_ptr<engram_lease> lease = std::make_shared<engram_lease>();
};

engram::engram(engram_backend_ptr backend)
  : impl_(actors::one_per_backend<impl>(std::move(backend))) {
  // nop
}

// -- lifecycle -----------------------------------------------------------------

engram& engram::on_connect(std::function<void(const engram&)> fn) {
  impl_->on_connect(std::move(fn));
  return *this;
}

engram& engram::on_refresh(
  std::function<void(const engram&, const refresh_event&)> fn) {
  impl_->on_refresh(std::move(fn));
  return *this;
}

caf::error engram::on_schedule(std::chrono::nanoseconds every,
                               std::function<void(const engram&)> fn) {
  return impl_->on_schedule(every, std::move(fn));
}

caf::error engram::refresh(refresh_event event) const {
  if (impl_->refresh(std::move(event)))
    return {};
  return make_error(ec::not_attached,
                    "no Dendrite hosts the Engram: " + engram_id());
}

engram_host engram::host() const {
  return engram_host{*this};
}

void engram_host::add_handler(handler_spec spec) const {
  owner_.impl_->add_handler(std::move(spec));
}

// -- properties ----------------------------------------------------------------

const engram_description& engram::describe() const noexcept {
  static const engram_description nothing;
  return impl_->backend ? impl_->backend->describe() : nothing;
}

const engram_backend_ptr& engram::backend() const noexcept {
  return impl_->backend;
}

caf::error engram::check() const {
  if (!impl_->backend)
    return make_error(ec::bad_config, "an Engram needs a backend");
  if (engram_id().empty())
    return make_error(ec::bad_config, "engram_id must not be empty");
  if (engram_kind().empty())
    return make_error(ec::bad_config,
                      "engram_kind must not be empty: " + engram_id());
  return {};
}

// -- attachment ----------------------------------------------------------------

caf::error engram::attach_to(const void* owner, hosting_link to) {
  if (impl_->attach_to(owner, std::move(to)))
    return {};
  return make_error(ec::already_attached,
                    "attached to another Dendrite: " + engram_id());
}

void engram::detach() noexcept {
  impl_->detach();
}

const std::shared_ptr<engram_lease>& engram::lease() const noexcept {
  return impl_->lease;
}

std::vector<dendrite_hook> engram::lifecycle_hooks(size_t from) const {
  return impl_->bound_hooks(from, *this);
}

std::vector<handler_spec> engram::take_handlers() const {
  return impl_->take_handlers();
}

} // namespace cosmo
