// SPDX-License-Identifier: Apache-2.0
#include <cosmo/engram_options.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace cosmo {

namespace {

caf::error refuse(std::string_view option, const std::string& value,
                  std::string_view wanted) {
  return make_error(ec::bad_config, std::string{option} + ": " + value + " is "
                                      + std::string{wanted});
}

} // namespace

caf::error validate(const engram_rules& rules) {
  const auto& limits = rules.limits;
  const std::pair<std::string_view, size_t> numbers[] = {
    {"limits.top_k", limits.top_k},
    {"limits.entry_bytes", limits.entry_bytes},
    {"limits.tags", limits.tags},
    {"limits.tag_bytes", limits.tag_bytes},
    {"limits.merge_key_bytes", limits.merge_key_bytes},
    {"limits.journal_records", limits.journal_records},
    {"limits.open_traces", limits.open_traces},
    {"limits.seen_marks", limits.seen_marks},
  };
  for (const auto& [option, value] : numbers)
    if (value < 1)
      return refuse(option, std::to_string(value), "less than 1");
  const std::pair<std::string_view, std::chrono::milliseconds> times[] = {
    {"saga_ttl", rules.saga_ttl},           {"seen_ttl", rules.seen_ttl},
    {"tombstone_ttl", rules.tombstone_ttl}, {"stop_fence", rules.stop_fence},
    {"stop_skew", rules.stop_skew},
  };
  for (const auto& [option, value] : times)
    if (value.count() < 0)
      return refuse(option, std::to_string(value.count()) + " ms", "negative");
  if (rules.on_conflict != rollback_conflict::skip
      && rules.on_conflict != rollback_conflict::force)
    return refuse("on_conflict",
                  std::to_string(static_cast<int>(rules.on_conflict)),
                  "neither skip nor force");
  return {};
}

} // namespace cosmo
