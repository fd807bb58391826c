// SPDX-License-Identifier: Apache-2.0
#include "token_usage.hpp"

#include "json_members.hpp"

#include <algorithm>

namespace cosmo::net {

namespace {

/// Sums of two must not overflow.
constexpr uint64_t most = uint64_t{1} << 62;

uint64_t count(const json& object, std::string_view key) {
  auto value = present_member(object, key);
  if (!value || !value->is_number_unsigned())
    return 0;
  return std::min(value->get<uint64_t>(), most);
}

} // namespace

uint64_t tokens_in(const json& reply) {
  auto usage = present_member(reply, "usage");
  if (!usage)
    return count(reply, "prompt_eval_count") + count(reply, "eval_count");
  if (auto total = count(*usage, "total_tokens"))
    return total;
  return std::max(
    count(*usage, "prompt_tokens") + count(*usage, "completion_tokens"),
    count(*usage, "input_tokens") + count(*usage, "output_tokens"));
}

} // namespace cosmo::net
