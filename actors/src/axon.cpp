// SPDX-License-Identifier: Apache-2.0
#include "hosted_part.hpp"
#include <cosmo/axon.hpp>
#include <cosmo/tool_exchange.hpp>

#include <algorithm>
#include <mutex>
#include <set>
#include <string_view>
#include <utility>

namespace cosmo {

struct axon::impl : actors::hosted_part<axon> {
  explicit impl(axon_options opts) : options(std::move(opts)) {
    auto& model = options.neuron.model();
    if (!options.effectors.empty())
      native_tools
        = render_tools(options.effectors, model ? model->dialect() : "openai");
    if (options.tool_standard.empty()) {
      if (model)
        standard = model->standard();
    } else if (auto given = parse_tool_standard(options.tool_standard)) {
      standard = *given;
    } else {
      tool_fault = std::move(given.error());
    }
  }

  const axon_options options;
  std::optional<cosmo::tool_standard> standard;
  caf::error tool_fault;
  /// Null without any: most Axons have none.
  json native_tools;
  std::mutex mutex;
  /// Replaced as a whole, so that a running TASK keeps what it started with.
  std::shared_ptr<const hooks> current = std::make_shared<const hooks>();
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
  impl_->on_connect(std::move(fn));
  return *this;
}

axon& axon::on_refresh(
  std::function<void(const axon&, const refresh_event&)> fn) {
  impl_->on_refresh(std::move(fn));
  return *this;
}

caf::error axon::on_schedule(std::chrono::nanoseconds every,
                             std::function<void(const axon&)> fn) {
  return impl_->on_schedule(every, std::move(fn));
}

caf::error axon::refresh(refresh_event event) const {
  if (impl_->refresh(std::move(event)))
    return {};
  return make_error(ec::not_attached,
                    "no Dendrite hosts the Axon: " + neuron_id());
}

axon_host axon::host() const {
  return axon_host{*this};
}

void axon_host::add_handler(handler_spec spec) const {
  owner_.impl_->add_handler(std::move(spec));
}

std::vector<dendrite_hook> axon::lifecycle_hooks(size_t from) const {
  return impl_->bound_hooks(from, *this);
}

std::vector<handler_spec> axon::take_handlers() const {
  return impl_->take_handlers();
}

// -- properties ----------------------------------------------------------------

const axon_options& axon::options() const noexcept {
  return impl_->options;
}

std::optional<cosmo::tool_standard> axon::tool_standard() const noexcept {
  return impl_->standard;
}

bool axon::looks_for_tools() const noexcept {
  return impl_->standard
         && (!options().tool_standard.empty() || !options().effectors.empty());
}

const json& axon::native_tools() const noexcept {
  auto& tools = impl_->native_tools;
  return tools.is_null() ? empty_array() : tools;
}

namespace {

/// Checks the bindings of one kind, whose names must differ.
template <class Binding>
caf::error check_bindings(const std::vector<Binding>& bindings,
                          const std::string& neuron_id, const char* kind) {
  std::set<std::string_view> names;
  for (auto& binding : bindings) {
    if (auto err = check(binding))
      return err;
    if (!names.insert(binding.name).second)
      return make_error(ec::bad_config, neuron_id + " names two " + kind
                                          + " alike: " + binding.name);
  }
  return {};
}

} // namespace

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
  if (auto err = check_bindings(opts.engrams, opts.neuron_id, "Engrams"))
    return err;
  if (auto err = check_bindings(opts.effectors, opts.neuron_id, "Effectors"))
    return err;
  if (impl_->tool_fault)
    return impl_->tool_fault;
  if (!opts.effectors.empty() && !impl_->standard)
    return make_error(ec::bad_config,
                      "effectors of " + opts.neuron_id
                        + " requires tool_standard: its Neuron does not say "
                          "how it calls tools");
  return {};
}

bool axon::covers(const std::vector<std::string>& requested) const {
  auto& offered = options().capabilities;
  return std::ranges::all_of(requested, [&](const std::string& capability) {
    return std::ranges::find(offered, capability) != offered.end();
  });
}

// -- attachment ----------------------------------------------------------------

caf::error axon::attach_to(const void* owner, hosting_link to) {
  if (impl_->attach_to(owner, std::move(to)))
    return {};
  return make_error(ec::already_attached,
                    "attached to another Dendrite: " + neuron_id());
}

void axon::detach() noexcept {
  impl_->detach();
}

} // namespace cosmo
