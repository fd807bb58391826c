// SPDX-License-Identifier: Apache-2.0
#include "environment.hpp"

#include "ask.hpp"
#include "registry_state.hpp"
#include "synapse_state.hpp"
#include "worker_state.hpp"
#include <cosmo/log.hpp>
#include <cosmo/tree_entry.hpp>

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <algorithm>

namespace cosmo::actors {

namespace {

/// Workers kept for later: a burst should not cost its threads for ever.
constexpr size_t idle_workers_max = 16;

/// In lower case.
std::string scheme_of(std::string_view url) {
  std::string result{url.substr(0, url.find(':'))};
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return result;
}

caf::error no_transport(const std::string& scheme, std::string_view url) {
  for (auto known : {"cosmo", "nats", "kafka", "caf"})
    if (scheme == known)
      return make_error(ec::unsupported_transport,
                        "this runtime has no transport for '" + std::string{url}
                          + "': see runtime::add_transport");
  return make_error(ec::bad_argument,
                    "unknown scheme '" + scheme + "' in '" + std::string{url}
                      + "'; known: memory, cosmo, nats, kafka, caf");
}

} // namespace

caf::error translate(caf::error err) {
  if (err == caf::sec::request_receiver_down || err == caf::sec::broken_promise)
    return make_error(ec::not_connected,
                      "not connected: the actor behind this handle is gone");
  return err;
}

worker_actor environment::take_worker() {
  {
    std::lock_guard guard{mutex_};
    if (!idle_workers_.empty()) {
      auto result = std::move(idle_workers_.back());
      idle_workers_.pop_back();
      return result;
    }
  }
  return spawn_worker(*system_, !cooperative());
}

void environment::give_back(worker_actor worker) {
  std::lock_guard guard{mutex_};
  if (!ended_ && idle_workers_.size() < idle_workers_max)
    idle_workers_.push_back(std::move(worker));
}

size_t environment::idle_workers() {
  std::lock_guard guard{mutex_};
  return idle_workers_.size();
}

void environment::adopt(dendrite_actor hdl) {
  std::lock_guard guard{mutex_};
  dendrites_.push_back(std::move(hdl));
}

synapse_actor environment::make_synapse() {
  std::lock_guard guard{mutex_};
  return synapses_.emplace_back(spawn_bus()).actor;
}

void environment::add(transport how) {
  std::lock_guard guard{mutex_};
  std::erase_if(transports_,
                [&](auto& known) { return known.scheme == how.scheme; });
  transports_.push_back(std::move(how));
}

caf::expected<synapse_actor> environment::connect(std::string_view url) {
  auto scheme = scheme_of(url);
  transport how;
  {
    std::lock_guard guard{mutex_};
    auto i = std::ranges::find(transports_, scheme, &transport::scheme);
    if (i == transports_.end())
      return no_transport(scheme, url);
    how = *i;
  }
  auto box = mail->open(std::string{url});
  auto result = how.connect({*system_, build, box, letters}, url);
  if (!result)
    return result;
  std::lock_guard guard{mutex_};
  if (ended_) {
    caf::anon_send(*result, caf::close_atom_v);
    return make_error(ec::not_connected,
                      "not connected: the runtime has ended");
  }
  synapses_.push_back({*result, box, std::string{url}});
  return result;
}

bool environment::is_outside(const synapse_actor& hdl) {
  std::lock_guard guard{mutex_};
  auto i = std::ranges::find(synapses_, hdl, &own_bus::actor);
  return i != synapses_.end() && !i->url.empty();
}

inbox_ptr environment::inbox_of(const synapse_actor& hdl) {
  std::lock_guard guard{mutex_};
  auto i = std::ranges::find(synapses_, hdl, &own_bus::actor);
  return i == synapses_.end() ? nullptr : i->box;
}

environment::own_bus environment::spawn_bus() {
  auto box = mail->open("synapse");
  return {spawn_synapse(*system_, box), box};
}

void environment::adopt(supervisor_actor hdl) {
  std::lock_guard guard{mutex_};
  trees_.push_back(std::move(hdl));
}

synapse_actor environment::memory_synapse() {
  std::lock_guard guard{mutex_};
  if (!memory_)
    memory_ = synapses_.emplace_back(spawn_bus()).actor;
  return memory_;
}

registry_actor environment::registry(const registry_store_ptr& store) {
  std::lock_guard guard{mutex_};
  auto& result = registries_[store];
  if (!result)
    result = spawn_registry(*system_, store, !cooperative() && store->blocks());
  return result;
}

void environment::forget(const registry_actor& hdl) {
  std::lock_guard guard{mutex_};
  std::erase_if(registries_, [&](auto& kv) { return kv.second == hdl; });
}

void environment::forget(const synapse_actor& hdl) {
  std::lock_guard guard{mutex_};
  std::erase_if(synapses_, [&](auto& x) { return x.actor == hdl; });
  if (memory_ == hdl)
    memory_ = nullptr;
}

synapse_actor environment::successor(const synapse_actor& dead,
                                     const caf::error& reason) {
  std::lock_guard guard{mutex_};
  if (auto known = successors_.find(dead.id()); known != successors_.end())
    return known->second;
  auto place = std::ranges::find(synapses_, dead, &own_bus::actor);
  if (ended_ || place == synapses_.end() || reason == caf::exit_reason::normal
      || reason == caf::exit_reason::user_shutdown)
    return synapse_actor{};
  if (!place->url.empty()) {
    log::error("runtime", "synapse-lost", place->url + ": " + describe(reason));
    synapses_.erase(place);
    return synapse_actor{};
  }
  if (bus_restarts_.failed(system_->clock().now()).unavailable) {
    log::error("runtime", "synapse-given-up", to_string(reason));
    synapses_.erase(place);
    if (memory_ == dead)
      memory_ = nullptr;
    return synapse_actor{};
  }
  log::error("runtime", "synapse-restarted", to_string(reason));
  *place = spawn_bus();
  if (memory_ == dead)
    memory_ = place->actor;
  successors_.emplace(dead.id(), place->actor);
  return place->actor;
}

synapse_actor environment::latest(synapse_actor bus) {
  std::lock_guard guard{mutex_};
  for (auto i = successors_.find(bus.id()); i != successors_.end();
       i = successors_.find(bus.id()))
    bus = i->second;
  return bus;
}

void environment::forget_tree(const caf::actor_addr& root) {
  std::lock_guard guard{mutex_};
  std::erase_if(trees_, [&](auto& hdl) { return hdl.address() == root; });
}

child_info environment::tree() {
  std::unique_lock guard{mutex_};
  auto trees = trees_;
  auto dendrites = dendrites_;
  auto synapses = synapses_;
  auto registries = registries_;
  auto bus_restarts = bus_restarts_.total();
  guard.unlock();
  child_info result{.id = "runtime",
                    .type = child_type::supervisor,
                    .state = child_state::running};
  auto add = [&](std::string id, const auto& hdl) -> child_info& {
    return result.children.emplace_back(
      child_info{.id = std::move(id),
                 .state = child_state::running,
                 .handle = caf::actor_cast<caf::actor>(hdl)});
  };
  for (auto& bus : synapses) {
    if (bus.url.empty())
      add("synapse", bus.actor).restarts = bus_restarts;
    else
      add("synapse " + bus.url, bus.actor);
  }
  for (auto& [store, hdl] : registries)
    add("registry", hdl);
  for (auto& entry : tree_entry::all())
    result.children.push_back(std::move(entry));
  auto ask_for = [&](const auto& hdl) {
    if (auto tree = ask<child_info>(*this, hdl, caf::get_atom_v))
      result.children.push_back(std::move(*tree));
  };
  for (auto& hdl : dendrites)
    ask_for(hdl);
  for (auto& hdl : trees)
    ask_for(hdl);
  return result;
}

void environment::shut_down() {
  std::unique_lock guard{mutex_};
  auto trees = std::exchange(trees_, {});
  auto dendrites = std::exchange(dendrites_, {});
  auto synapses = std::exchange(synapses_, {});
  auto registries = std::exchange(registries_, {});
  idle_workers_.clear();
  ended_ = true;
  memory_ = nullptr;
  guard.unlock();
  for (auto i = trees.rbegin(); i != trees.rend(); ++i)
    // In a simulation a child that never stops is noticed.
    if (ask<void>(*this, *i, stop_atom_v) == ec::timeout)
      caf::anon_send_exit(*i, caf::exit_reason::kill);
  for (auto i = dendrites.rbegin(); i != dendrites.rend(); ++i)
    (void)ask<void>(*this, *i, stop_atom_v, std::string{});
  for (auto& hdl : dendrites)
    caf::anon_send_exit(hdl, caf::exit_reason::user_shutdown);
  for (auto& bus : synapses) {
    // An exit would overtake the last words of the Dendrites, which only a bus
    // outside has to hear.
    if (bus.url.empty())
      caf::anon_send_exit(bus.actor, caf::exit_reason::user_shutdown);
    else
      (void)ask<void>(*this, bus.actor, caf::close_atom_v);
  }
  for (auto& [store, hdl] : registries) {
    (void)ask<void>(*this, hdl, caf::flush_atom_v);
    caf::anon_send_exit(hdl, caf::exit_reason::user_shutdown);
  }
  std::unique_lock last_call{lifetime_};
  system_is_there_ = false;
}

} // namespace cosmo::actors
