// SPDX-License-Identifier: Apache-2.0
#include <cosmo/dispatch.hpp>
#include <cosmo/log.hpp>
#include <cosmo/neuron.hpp>
#include <cosmo/pathway.hpp>

#include <exception>

namespace cosmo {

void neuron_io::escalate(std::string reason, std::optional<std::string> target,
                         json context) const {
  impl_->escalate(std::move(reason), std::move(target), std::move(context));
}

caf::expected<pathway> neuron_io::dispatch(dispatch_options options) const {
  return impl_->dispatch(std::move(options));
}

void neuron_io::dispatch(dispatch_options options, dispatch_done done) const {
  impl_->dispatch(std::move(options), std::move(done));
}

any_neuron::any_neuron(caf::expected<any_neuron> made) {
  if (made)
    *this = std::move(*made);
  else
    fault_ = std::move(made.error());
}

any_neuron any_neuron::from_async(async_function fn) {
  any_neuron result;
  result.async_ = std::move(fn);
  return result;
}

any_neuron any_neuron::from_actor(neuron_actor hdl) {
  any_neuron result;
  result.actor_ = std::move(hdl);
  return result;
}

any_neuron&& any_neuron::on_close(std::function<void()> fn) && {
  close_ = std::move(fn);
  return std::move(*this);
}

any_neuron&& any_neuron::asks(model_info model) && {
  model_ = std::move(model);
  return std::move(*this);
}

void any_neuron::close() const {
  if (!close_)
    return;
  try {
    close_();
  } catch (const std::exception& err) {
    log::error("axon", "neuron-not-closed", err.what());
  } catch (...) {
    log::error("axon", "neuron-not-closed", "not a std::exception");
  }
}

any_neuron neuron::actor(neuron_actor hdl) {
  return any_neuron::from_actor(std::move(hdl));
}

} // namespace cosmo
