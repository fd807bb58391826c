// SPDX-License-Identifier: Apache-2.0
#include <cosmo/error.hpp>
#include <cosmo/payload.hpp>
#include <cosmo/text_scan.hpp>

#include <algorithm>

namespace cosmo::payload {

namespace {

bool is_one_of(std::string_view text, fields::choices texts) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

caf::error refuse_choice(std::string_view what, std::string_view text,
                         fields::choices texts) {
  std::string message{what};
  message += " must be one of";
  for (auto choice : texts) {
    message += ' ';
    message += choice;
  }
  message += ", not `";
  message += excerpt(text);
  message += '`';
  return make_error(ec::bad_argument, std::move(message));
}

bool is_addressed(const optional<directed>& target) {
  return target && (target->has_id() || target->has_type());
}

caf::error refuse_target(std::string_view what) {
  std::string message{what};
  message += " needs an engram_id or an engram_kind to go to";
  return make_error(ec::bad_argument, std::move(message));
}

} // namespace

caf::error tool_result::check(const tool_result& x, const optional<directed>&) {
  if (x.error && x.result && !x.result->is_null())
    return make_error(ec::bad_argument,
                      "a TOOL_RESULT has a result or an error, "
                      "not both; error is `"
                        + excerpt(*x.error) + '`');
  return {};
}

caf::error recall::check(const recall& x, const optional<directed>& target) {
  if (!is_addressed(target))
    return refuse_target("RECALL");
  if (!is_one_of(x.recall_mode, recall_modes))
    return refuse_choice("recall_mode", x.recall_mode, recall_modes);
  return {};
}

caf::error imprint::check(const imprint& x, const optional<directed>& target) {
  if (!is_one_of(x.op, imprint_ops))
    return refuse_choice("op", x.op, imprint_ops);
  if (!is_addressed(target))
    return refuse_target("IMPRINT");
  const auto keyed = x.op == "merge" || x.op == "upsert";
  if (keyed && (!x.merge_key || x.merge_key->empty()))
    return make_error(ec::bad_argument, "op " + x.op + " needs a merge_key");
  return {};
}

} // namespace cosmo::payload
