// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <string>

namespace cosmo {

/// What the bindings of an Axon have in common: a name, somebody to ask, and a
/// deadline.
///
/// @param what is bound, as people call it; `prefix` as its fields do.
/// @returns ec::bad_config naming what is missing.
template <class Binding>
caf::error check_binding(const std::string& what, const std::string& prefix,
                         const Binding& binding) {
  if (binding.name.empty())
    return make_error(ec::bad_config, "an " + what + " binding needs a name");
  auto about = "the " + what + " binding " + binding.name;
  auto given = [](auto& text) { return text && !text->empty(); };
  if (!given(binding.directed_id) && !given(binding.directed_type))
    return make_error(ec::bad_config,
                      about + " needs a directed_id (an " + prefix
                        + "_id) or a directed_type (an " + prefix + "_kind)");
  if (binding.default_deadline && binding.default_deadline->count() < 0)
    return make_error(ec::bad_config,
                      "default_deadline of " + about + " must not be negative: "
                        + std::to_string(binding.default_deadline->count())
                        + " ms");
  return {};
}

} // namespace cosmo
