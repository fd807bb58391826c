// SPDX-License-Identifier: Apache-2.0
#include "supervisor_state.hpp"

#include "durations.hpp"
#include "restart_delay.hpp"
#include <cosmo/log.hpp>

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <memory>
#include <ranges>
#include <utility>

namespace cosmo::actors {

supervisor_state::supervisor_state(supervisor_actor::pointer self,
                                   child_context context,
                                   supervisor_options options,
                                   std::vector<child_spec> specs)
  : self_(self),
    context_(std::move(context)),
    options_(std::move(options)),
    window_(options_.intensity, options_.period) {
  for (auto& spec : specs)
    add(std::move(spec));
  self_->set_down_handler(
    [this](caf::down_msg& msg) { down(msg.source, msg.reason); });
  self_->set_exit_handler([this](caf::exit_msg& msg) {
    if (msg.reason)
      shut_down(std::move(msg.reason));
  });
}

supervisor_state::~supervisor_state() {
  for (auto& c : std::views::reverse(children_)) {
    if (c->now)
      caf::anon_send_exit(c->now, caf::exit_reason::kill);
    c->close(caf::exit_reason::kill);
  }
}

supervisor_actor::behavior_type supervisor_state::make_behavior() {
  return {
    [this](start_atom) { return start_all(); },
    [this](stop_atom) { return stop_all(); },
    [this](start_atom, child_spec& spec) {
      return start_child(std::move(spec));
    },
    [this](stop_atom, std::string& id) {
      return terminate_child(std::move(id));
    },
    [this](restart_atom, std::string& id) {
      return restart_child(std::move(id));
    },
    [this](caf::delete_atom, std::string& id) {
      return delete_child(std::move(id));
    },
    [this](caf::get_atom, const std::string& id) { return address_of(id); },
    [this](caf::get_atom) { return list(); },
  };
}

// -- requests --------------------------------------------------------------------

caf::result<void> supervisor_state::start_all() {
  if (phase_ == phase::started)
    return caf::unit;
  auto answer = self_->make_response_promise<void>();
  start_answers_.push_back(answer);
  if (phase_ == phase::idle) {
    phase_ = phase::starting;
    add_job([this] {
      auto done = [this](const child_ptr& failed, const caf::error& reason) {
        if (failed)
          return shut_down(reason);
        phase_ = phase::started;
        for (auto& waiting : std::exchange(start_answers_, {}))
          waiting.deliver();
      };
      begin({{}, {children_.begin(), children_.end()}, std::move(done)});
    });
  }
  return answer;
}

caf::result<void> supervisor_state::stop_all() {
  auto answer = self_->make_response_promise<void>();
  stop_answers_.push_back(answer);
  shut_down(caf::exit_reason::user_shutdown);
  return answer;
}

caf::result<caf::actor> supervisor_state::start_child(child_spec spec) {
  if (auto err = check(spec, options_.auto_shutdown))
    return err;
  auto answer = self_->make_response_promise<caf::actor>();
  add_job([this, answer, spec = std::move(spec)]() mutable {
    if (find(spec.id))
      return answer.deliver(
        make_error(ec::already_exists, "child '" + spec.id + "'"));
    auto c = add(std::move(spec));
    auto done = [this, answer, c](const child_ptr& failed,
                                  const caf::error& reason) mutable {
      if (!failed)
        return answer.deliver(c->address());
      remove(c);
      answer.deliver(reason);
    };
    begin({{}, {c}, std::move(done)});
  });
  return answer;
}

caf::error supervisor_state::check_stopped(const child_ptr& c,
                                           const std::string& id) {
  if (!c)
    return make_error(ec::not_found, "child '" + id + "'");
  if (c->state != child_state::terminated)
    return make_error(ec::child_not_stopped,
                      "child '" + id + "' is "
                        + std::string{to_string(c->state)});
  return {};
}

caf::result<void> supervisor_state::terminate_child(std::string id) {
  auto answer = self_->make_response_promise<void>();
  add_job([this, answer, id = std::move(id)]() mutable {
    auto c = find(id);
    if (!c)
      return answer.deliver(make_error(ec::not_found, "child '" + id + "'"));
    auto done = [this, answer, c](const child_ptr&, const caf::error&) mutable {
      c->state = child_state::terminated;
      c->unhandled_end = false;
      c->refuse();
      if (c->temporary())
        remove(c);
      answer.deliver();
    };
    begin({{c}, {}, std::move(done)});
  });
  return answer;
}

caf::result<caf::actor> supervisor_state::restart_child(std::string id) {
  auto answer = self_->make_response_promise<caf::actor>();
  add_job([this, answer, id = std::move(id)]() mutable {
    auto c = find(id);
    if (auto err = check_stopped(c, id))
      return answer.deliver(std::move(err));
    auto done
      = [answer, c](const child_ptr& failed, const caf::error& reason) mutable {
          if (failed)
            answer.deliver(reason);
          else
            answer.deliver(c->address());
        };
    begin({{}, {c}, std::move(done)});
  });
  return answer;
}

caf::result<void> supervisor_state::delete_child(std::string id) {
  auto answer = self_->make_response_promise<void>();
  add_job([this, answer, id = std::move(id)]() mutable {
    auto c = find(id);
    if (auto err = check_stopped(c, id))
      return answer.deliver(std::move(err));
    remove(c);
    answer.deliver();
  });
  return answer;
}

caf::result<caf::actor> supervisor_state::address_of(const std::string& id) {
  if (auto c = find(id))
    return c->address();
  return make_error(ec::not_found, "child '" + id + "'");
}

caf::result<child_info> supervisor_state::list() {
  constexpr child_state states[]
    = {child_state::terminated, child_state::starting, child_state::running,
       child_state::stopping};
  struct listing {
    child_info root;
    caf::typed_response_promise<child_info> answer;
    size_t missing = 1;

    void arrived() {
      if (--missing == 0)
        answer.deliver(std::move(root));
    }
  };
  auto l = std::make_shared<listing>();
  l->answer = self_->make_response_promise<child_info>();
  l->root.id = context_.path.substr(context_.path.rfind('/') + 1);
  l->root.type = child_type::supervisor;
  l->root.state = states[static_cast<size_t>(phase_)];
  l->root.handle = caf::actor_cast<caf::actor>(self_->address());
  for (auto& c : children_)
    l->root.children.push_back(c->info());
  for (size_t i = 0; i < children_.size(); ++i) {
    auto& c = children_[i];
    if (c->type() != child_type::supervisor || !c->now)
      continue;
    ++l->missing;
    self_
      ->request(caf::actor_cast<supervisor_actor>(c->now), caf::infinite,
                caf::get_atom_v)
      .then(
        [l, i](child_info& below) {
          l->root.children[i].children = std::move(below.children);
          l->arrived();
        },
        [l](const caf::error&) { l->arrived(); });
  }
  auto answer = l->answer;
  l->arrived();
  return answer;
}

// -- jobs ------------------------------------------------------------------------

void supervisor_state::add_job(std::function<void()> job) {
  jobs_.push_back(std::move(job));
  proceed();
}

void supervisor_state::begin(procedure work) {
  work_ = std::move(work);
  proceed();
}

/// Goes on until there is nothing left to do, or somebody to wait for.
void supervisor_state::proceed() {
  if (proceeding_)
    return;
  proceeding_ = true;
  while (step()) {
    // nop
  }
  proceeding_ = false;
}

/// @returns whether there may be more to do right now.
bool supervisor_state::step() {
  if (!work_) {
    if (phase_ == phase::ending || jobs_.empty())
      return false;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    job();
    return true;
  }
  if (auto& left = work_->to_stop; !left.empty()) {
    if (left.back()->now) {
      stop(left.back());
      return false;
    }
    left.pop_back();
    return true;
  }
  if (auto& left = work_->to_start; !left.empty()) {
    auto c = left.front();
    if (c->state == child_state::starting)
      return false;
    if (!c->now) {
      if (auto err = start(c)) {
        finish(c, err);
        return true;
      }
      if (c->state == child_state::starting)
        return false;
    }
    left.pop_front();
    return true;
  }
  finish(nullptr, {});
  return true;
}

void supervisor_state::finish(const child_ptr& failed,
                              const caf::error& reason) {
  auto done = std::move(work_->done);
  work_.reset();
  done(failed, reason);
}

void supervisor_state::stop(const child_ptr& c) {
  if (c->state == child_state::stopping)
    return;
  c->state = child_state::stopping;
  if (c->returning)
    c->hold();
  else
    c->refuse();
  // An exit travels at high priority: control comes before data.
  if (c->shutdown() == brutal_kill) {
    caf::anon_send_exit(c->now, caf::exit_reason::kill);
    return;
  }
  caf::anon_send_exit(c->now, caf::exit_reason::user_shutdown);
  if (c->shutdown() == infinity)
    return;
  c->patience = self_->run_delayed(
    within_clock(c->shutdown()), [path = c->context.path, life = c->now] {
      log::warning("supervisor", "child-killed",
                   path + " did not stop in time");
      caf::anon_send_exit(life, caf::exit_reason::kill);
    });
}

/// Begins a life of a child. @returns why it did not begin.
caf::error supervisor_state::start(const child_ptr& c) {
  if (c->state == child_state::restarting)
    ++c->restarts;
  c->state = child_state::terminated;
  c->batch = 0;
  c->returning = false;
  auto hdl = c->spec.start(c->context);
  if (hdl && by_address_.contains(hdl->address()))
    hdl = make_error(ec::child_start_failed,
                     c->context.path + ": its actor is a child already");
  if (!hdl) {
    c->last_reason = hdl.error();
    return std::move(hdl.error());
  }
  c->now = std::move(*hdl);
  c->started_at = self_->clock().now();
  by_address_.emplace(c->now.address(), c);
  self_->monitor(c->now);
  if (c->type() == child_type::worker) {
    c->state = child_state::running;
    c->open();
    return {};
  }
  c->state = child_state::starting;
  // If it fails, it ends when it has cleaned up; we wait for that.
  self_
    ->request(caf::actor_cast<supervisor_actor>(c->now), caf::infinite,
              start_atom_v)
    .then([this, c, life = c->now.address()] { started(c, life); },
          [](const caf::error&) {});
  return {};
}

void supervisor_state::started(const child_ptr& c,
                               const caf::actor_addr& life) {
  if (c->state != child_state::starting || c->now.address() != life)
    return;
  c->state = child_state::running;
  c->open();
  proceed();
}

// -- what becomes of a child -----------------------------------------------------

void supervisor_state::down(const caf::actor_addr& who,
                            const caf::error& reason) {
  auto known = by_address_.find(who);
  if (known == by_address_.end())
    return;
  auto c = known->second;
  by_address_.erase(known);
  c->now = nullptr;
  c->last_reason = reason;
  c->patience.dispose();
  auto before = std::exchange(c->state, child_state::terminated);
  if (before == child_state::starting) {
    if (work_ && !work_->to_start.empty() && work_->to_start.front() == c)
      finish(c, reason);
  } else if (before == child_state::running) {
    if (self_->clock().now() - c->started_at >= options_.backoff.reset_after)
      c->failures = 0;
    if (c->returns_after(reason) && phase_ != phase::ending)
      c->state = child_state::restarting;
    else
      c->refuse();
    c->unhandled_end = true;
    jobs_.push_back([this, c] {
      if (std::exchange(c->unhandled_end, false))
        ended(c);
    });
  }
  proceed();
}

/// Draws the consequences of a child's end.
void supervisor_state::ended(const child_ptr& c) {
  auto why = c->last_reason ? describe(c->last_reason) : "normal";
  if (c->returns_after(c->last_reason)) {
    log::warning("supervisor", "child-down", c->context.path + ": " + why);
    return restart(c);
  }
  log::debug("supervisor", "child-done", c->context.path + ": " + why);
  if (c->temporary())
    remove(c);
  check_auto_shutdown(c);
}

void supervisor_state::restart(const child_ptr& failed) {
  if (!window_.admit(self_->clock().now()))
    return shut_down(make_error(
      ec::restart_intensity, context_.path + ": more than "
                               + std::to_string(options_.intensity)
                               + " restarts, the last of " + failed->spec.id));
  auto pause = restart_delay(options_.backoff, ++failed->failures,
                             unit_interval(context_.random->next()));
  auto affected = affected_by(failed);
  for (auto& c : affected)
    c->returning = c == failed || !c->temporary();
  auto done = [this, affected, pause](const child_ptr&, const caf::error&) {
    auto batch = ++last_batch_;
    for (auto& c : affected) {
      // Whoever ended by itself meanwhile is covered by this.
      c->unhandled_end = false;
      if (!c->returning) {
        remove(c);
        continue;
      }
      c->state = child_state::restarting;
      c->batch = batch;
      c->hold();
    }
    if (pause == caf::timespan::zero())
      start_batch(batch);
    else
      self_->run_delayed(pause, [this, batch] {
        add_job([this, batch] { start_batch(batch); });
      });
  };
  begin({affected, {}, std::move(done)});
}

/// Starts those that have been waiting for it together, and still do.
void supervisor_state::start_batch(uint64_t number) {
  std::deque<child_ptr> waiting;
  std::ranges::copy_if(children_, std::back_inserter(waiting), [&](auto& c) {
    return c->batch == number && c->state == child_state::restarting;
  });
  auto done = [this](const child_ptr& failed, const caf::error&) {
    if (failed)
      restart(failed);
  };
  begin({{}, std::move(waiting), std::move(done)});
}

supervisor_state::children
supervisor_state::affected_by(const child_ptr& failed) const {
  switch (options_.strategy) {
    case restart_strategy::one_for_one:
      return {failed};
    case restart_strategy::one_for_all:
      return children_;
    default:
      return {std::ranges::find(children_, failed), children_.end()};
  }
}

void supervisor_state::check_auto_shutdown(const child_ptr& ended) {
  auto rule = options_.auto_shutdown;
  if (!ended->spec.significant || rule == auto_shutdown::never)
    return;
  auto left = [](const child_ptr& c) {
    return c->spec.significant && c->state != child_state::terminated;
  };
  if (rule == auto_shutdown::any_significant
      || std::ranges::none_of(children_, left))
    shut_down(caf::exit_reason::user_shutdown);
}

// -- the end ---------------------------------------------------------------------

/// Whatever is under way or queued ends here; those who wait for it are told
/// by CAF.
void supervisor_state::shut_down(caf::error reason) {
  if (phase_ == phase::ending)
    return;
  phase_ = phase::ending;
  if (reason != caf::exit_reason::user_shutdown)
    log::warning("supervisor", "giving-up",
                 context_.path + ": " + describe(reason));
  jobs_.clear();
  for (auto& c : children_) {
    c->returning = false;
    // The others are to work until it is their turn.
    if (!c->now || c->state == child_state::stopping)
      c->refuse();
    if (!c->now)
      c->state = child_state::terminated;
  }
  auto done = [this, reason = std::move(reason)](
                const child_ptr&, const caf::error&) { leave(reason); };
  begin({children_, {}, std::move(done)});
}

void supervisor_state::leave(const caf::error& reason) {
  for (auto& c : std::views::reverse(children_))
    c->close(reason);
  for (auto& waiting : std::exchange(start_answers_, {}))
    waiting.deliver(reason);
  for (auto& waiting : std::exchange(stop_answers_, {}))
    waiting.deliver();
  self_->quit(reason);
}

// -- children --------------------------------------------------------------------

supervisor_state::child_ptr supervisor_state::add(child_spec spec) {
  auto context = context_;
  context.path += '/' + spec.id;
  auto c
    = std::make_shared<supervised_child>(std::move(spec), std::move(context));
  children_.push_back(c);
  by_id_.emplace(c->spec.id, c);
  return c;
}

void supervisor_state::remove(const child_ptr& c) {
  c->unhandled_end = false;
  c->state = child_state::terminated;
  c->close(caf::exit_reason::user_shutdown);
  by_id_.erase(c->spec.id);
  std::erase(children_, c);
}

supervisor_state::child_ptr
supervisor_state::find(const std::string& id) const {
  auto known = by_id_.find(id);
  return known == by_id_.end() ? nullptr : known->second;
}

supervisor_actor spawn_supervisor(child_context context,
                                  supervisor_options options,
                                  std::vector<child_spec> specs) {
  using impl = caf::stateful_actor<supervisor_state, supervisor_actor::base>;
  auto& sys = context.system;
  return sys.spawn<impl>(std::move(context), std::move(options),
                         std::move(specs));
}

} // namespace cosmo::actors
