// SPDX-License-Identifier: Apache-2.0
#include <cosmo/engram_call.hpp>

namespace cosmo {

std::string_view to_string(recall_mode value) noexcept {
  switch (value) {
    case recall_mode::merge:
      return "merge";
    case recall_mode::all:
      return "all";
    default:
      return "first";
  }
}

caf::expected<recall_mode> parse_recall_mode(std::string_view text) {
  using enum recall_mode;
  for (auto value : {first, merge, all})
    if (text == to_string(value))
      return value;
  return make_error(ec::bad_argument,
                    "recall_mode must be first, merge or all: '"
                      + std::string{text} + "'");
}

caf::error check(const engram_binding& binding) {
  if (binding.name.empty())
    return make_error(ec::bad_config, "an Engram binding needs a name");
  auto given = [](auto& text) { return text && !text->empty(); };
  if (!given(binding.directed_id) && !given(binding.directed_type))
    return make_error(ec::bad_config,
                      "the Engram binding " + binding.name
                        + " needs a directed_id (an engram_id) or a "
                          "directed_type (an engram_kind)");
  if (binding.default_deadline && binding.default_deadline->count() < 0)
    return make_error(ec::bad_config,
                      "default_deadline of the Engram binding " + binding.name
                        + " must not be negative: "
                        + std::to_string(binding.default_deadline->count())
                        + " ms");
  return {};
}

} // namespace cosmo
