// SPDX-License-Identifier: Apache-2.0
#include "ask.hpp"
#include "environment.hpp"
#include "supervisor_state.hpp"
#include <cosmo/supervisor.hpp>

#include <unordered_set>
#include <utility>

namespace cosmo {

namespace {

caf::error check(const supervisor_options& options,
                 const std::vector<child_spec>& children) {
  if (auto err = check(options))
    return err;
  std::unordered_set<std::string> ids;
  for (auto& spec : children) {
    if (auto err = check(spec, options.auto_shutdown))
      return err;
    if (!ids.insert(spec.id).second)
      return make_error(ec::bad_argument,
                        "child '" + spec.id + "': more than one has this id");
  }
  return {};
}

} // namespace

caf::expected<supervisor_actor>
spawn_supervisor(const child_context& context, supervisor_options options,
                 std::vector<child_spec> children) {
  if (!context.random || !context.letters)
    return make_error(ec::bad_argument,
                      "a supervisor needs a random source and dead letters");
  if (auto err = check(options, children))
    return err;
  return actors::spawn_supervisor(context, std::move(options),
                                  std::move(children));
}

child_factory nested(supervisor_options options,
                     std::vector<child_spec> children) {
  return child_factory::of_supervisor(
    [options = std::move(options), children = std::move(children)](
      const child_context& context) -> caf::expected<caf::actor> {
      auto hdl = spawn_supervisor(context, options, children);
      if (!hdl)
        return std::move(hdl.error());
      return caf::actor_cast<caf::actor>(*hdl);
    });
}

supervisor::supervisor(supervisor_actor hdl,
                       std::shared_ptr<actors::environment> env)
  : handle_(std::move(hdl)), env_(std::move(env)) {
  // nop
}

caf::expected<supervisor> supervisor::start(runtime& rt,
                                            supervisor_options options,
                                            std::vector<child_spec> children) {
  auto& env = rt.environment();
  child_context context{env->system(), options.name,
                        env->build.outside().random, env->letters};
  auto hdl = spawn_supervisor(context, std::move(options), std::move(children));
  if (!hdl)
    return std::move(hdl.error());
  env->adopt(*hdl);
  caf::actor_cast<caf::abstract_actor*>(*hdl)->attach_functor(
    [env, root = hdl->address()] { env->forget_tree(root); });
  if (auto err = actors::ask<void>(*env, *hdl, start_atom_v))
    return err;
  return supervisor{std::move(*hdl), env};
}

caf::expected<caf::actor> supervisor::start_child(child_spec spec) const {
  return actors::ask<caf::actor>(*env_, handle_, start_atom_v, std::move(spec));
}

caf::error supervisor::terminate_child(std::string id) const {
  return actors::ask<void>(*env_, handle_, stop_atom_v, std::move(id));
}

caf::expected<caf::actor> supervisor::restart_child(std::string id) const {
  return actors::ask<caf::actor>(*env_, handle_, restart_atom_v, std::move(id));
}

caf::error supervisor::delete_child(std::string id) const {
  return actors::ask<void>(*env_, handle_, caf::delete_atom_v, std::move(id));
}

caf::expected<std::vector<child_info>> supervisor::which_children() const {
  auto all = tree();
  if (!all)
    return std::move(all.error());
  return std::move(all->children);
}

caf::expected<child_counts> supervisor::count_children() const {
  auto children = which_children();
  if (!children)
    return std::move(children.error());
  child_counts result;
  for (auto& child : *children) {
    ++result.specs;
    ++(child.type == child_type::supervisor ? result.supervisors
                                            : result.workers);
    if (child.state == child_state::starting
        || child.state == child_state::running
        || child.state == child_state::stopping)
      ++result.active;
  }
  return result;
}

caf::expected<child_info> supervisor::tree() const {
  return actors::ask<child_info>(*env_, handle_, caf::get_atom_v);
}

caf::error supervisor::stop() const {
  auto err = actors::ask<void>(*env_, handle_, stop_atom_v);
  return err == ec::not_connected ? caf::error{} : err;
}

caf::expected<caf::actor> supervisor::address_of(std::string id) const {
  return actors::ask<caf::actor>(*env_, handle_, caf::get_atom_v,
                                 std::move(id));
}

} // namespace cosmo
