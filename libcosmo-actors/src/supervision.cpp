// SPDX-License-Identifier: Apache-2.0
#include <cosmo/supervision.hpp>

#include <ostream>
#include <sstream>

namespace cosmo {

caf::error check(const supervisor_options& options) {
  auto bad = [](std::string text) {
    return make_error(ec::bad_argument, std::move(text));
  };
  auto& backoff = options.backoff;
  if (options.name.empty())
    return bad("name: a supervisor needs one");
  if (options.period <= caf::timespan::zero())
    return bad("period: must be longer than nothing");
  if (backoff.initial < caf::timespan::zero() || backoff.max < backoff.initial)
    return bad("backoff: 0 <= initial <= max does not hold");
  if (!(backoff.factor >= 1))
    return bad("backoff.factor: must be at least 1");
  if (!(backoff.jitter >= 0 && backoff.jitter <= 1))
    return bad("backoff.jitter: must be from 0 to 1");
  return {};
}

caf::error check(const child_spec& spec, auto_shutdown rule) {
  auto bad = [&spec](std::string text) {
    return make_error(ec::bad_argument, "child '" + spec.id + "': " + text);
  };
  if (spec.id.empty())
    return bad("id: must not be empty");
  if (!spec.start)
    return bad("start: is missing");
  if (spec.shutdown && *spec.shutdown < caf::timespan::zero())
    return bad("shutdown: must not be negative");
  if (spec.significant && spec.restart == restart_type::permanent)
    return bad("significant: a permanent child never ends");
  if (spec.significant && rule == auto_shutdown::never)
    return bad("significant: its supervisor never ends by itself");
  return {};
}

caf::expected<caf::actor>
child_factory::operator()(const child_context& context) const {
  auto failed = [&context](std::string_view text) {
    return make_error(ec::child_start_failed,
                      context.path + ": " + std::string{text});
  };
  try {
    auto result = fn_(context);
    if (result && !*result)
      return failed("the factory returned no actor");
    return result;
  } catch (const std::exception& err) {
    return failed(err.what());
  } catch (...) {
    return failed("the factory threw an unknown exception");
  }
}

std::string_view to_string(child_type type) {
  return type == child_type::worker ? "worker" : "supervisor";
}

std::string_view to_string(child_state state) {
  switch (state) {
    case child_state::starting:
      return "starting";
    case child_state::running:
      return "running";
    case child_state::restarting:
      return "restarting";
    case child_state::stopping:
      return "stopping";
    default:
      return "terminated";
  }
}

namespace {

void print(std::ostream& out, const child_info& node, size_t depth) {
  out << std::string(2 * depth, ' ') << node.id << ": " << to_string(node.type)
      << ", " << to_string(node.state);
  if (node.restarts > 0)
    out << ", restarts: " << node.restarts;
  if (node.last_reason)
    out << ", last: " << describe(node.last_reason);
  if (node.stashed > 0)
    out << ", stashed: " << node.stashed;
  out << '\n';
  for (auto& child : node.children)
    print(out, child, depth + 1);
}

} // namespace

std::ostream& operator<<(std::ostream& out, const child_info& tree) {
  print(out, tree, 0);
  return out;
}

std::string to_string(const child_info& tree) {
  std::ostringstream out;
  out << tree;
  return out.str();
}

} // namespace cosmo
