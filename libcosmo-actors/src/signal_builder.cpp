// SPDX-License-Identifier: Apache-2.0
#include <cosmo/signal_builder.hpp>

namespace cosmo {

caf::error signal_builder::check_envelope(const envelope_options& options) {
  if (options.trace_id && !is_trace_id(*options.trace_id))
    return make_error(ec::bad_trace_id,
                      "trace_id must start with trc_: " + *options.trace_id);
  if (options.parent_id && !is_event_id(*options.parent_id))
    return make_error(ec::bad_parent_id,
                      "parent_id must start with evt_: " + *options.parent_id);
  if (!options.meta.is_null() && !options.meta.is_object())
    return make_error(ec::bad_argument,
                      std::string{"meta must be an object, not "}
                        + options.meta.type_name());
  return {};
}

header signal_builder::fresh_header(envelope_options options) const {
  auto now = world_.clock->now();
  header result;
  result.id = world_.ids->next(event_id_prefix, now);
  result.trace_id = options.trace_id ? std::move(*options.trace_id)
                                     : world_.ids->next(trace_id_prefix, now);
  result.parent_id = std::move(options.parent_id);
  result.directed = std::move(options.directed);
  result.ts = now;
  result.meta = std::move(options.meta);
  return result;
}

} // namespace cosmo
