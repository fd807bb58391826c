// SPDX-License-Identifier: Apache-2.0
#include "dendrite_state.hpp"
#include <cosmo/log.hpp>

#include <algorithm>

namespace cosmo::actors {

namespace {

/// How many microseconds an answer to DISCOVER waits at most: many Dendrites
/// hear the same question.
constexpr uint64_t discover_jitter_us = 100'000;

/// Whether a REGISTER announces a Neuron and nothing else.
/// @source signals.md section 9.26
bool announces_neuron(const signal& sig) {
  auto& payload = sig.payload();
  if (auto role = payload.find("role"); role != payload.end())
    return *role == "neuron";
  auto engram = payload.find("engram");
  return engram == payload.end() || !truthy(*engram);
}

} // namespace

/// Finds the actor that owns the store; a new one if the last has died.
void dendrite_state::connect_registry() {
  if (registry_ || !options_.registry_store)
    return;
  registry_ = env_->registry(options_.registry_store);
  self_->monitor(registry_);
}

/// What is written meanwhile is lost; those who live say so again with their
/// next heartbeat.
void dendrite_state::registry_down(const caf::error& reason) {
  log::error("dendrite", "registry-down",
             options_.dendrite_id + ": " + to_string(reason));
  env_->forget(registry_);
  registry_ = nullptr;
  auto next = registry_restarts_.failed(self_->clock().now());
  registry_comeback_ = self_->run_delayed(next.pause, [this] {
    connect_registry();
    if (running_)
      for (auto& h : axons_)
        write_own(h);
  });
}

/// A store that fails is the operator's worry, not the Signal's.
void dendrite_state::write(registry_write change) {
  if (!registry_)
    return;
  self_
    ->request(registry_, caf::infinite, caf::put_atom_v,
              registry_change{std::move(change)})
    .then([] {},
          [this](const caf::error& err) {
            log::error("dendrite", "registry-write-failed",
                       options_.dendrite_id + ": " + describe(err));
          });
}

void dendrite_state::write_own(const hosted& h) {
  if (!h.actor)
    return;
  auto now = env_->now();
  auto& about = h.what.options();
  neuron_record record{about.neuron_id, about.capabilities};
  if (!about.version.empty())
    record.version = about.version;
  record.last_heartbeat = now;
  record.registered_at = now;
  write(std::move(record));
}

/// @source dendrite.md section 7.1
void dendrite_state::record(const signal& sig) {
  std::string neuron_id{sig.directed_id()};
  // What was under way when this Dendrite stopped would undo its farewell.
  if (!registry_ || !active() || neuron_id.empty())
    return;
  if (heard_)
    heard_->insert(neuron_id);
  refresh_event event{.neuron_id = neuron_id};
  switch (sig.type()) {
    case signal_type::REGISTER: {
      auto what = sig.get_if<payload::register_>();
      if (!announces_neuron(sig))
        return;
      if (!what) {
        log::warning("dendrite", "register-unreadable",
                     sig.id() + ": " + describe(sig.typed_error()));
        return;
      }
      neuron_record record{neuron_id, what->capabilities};
      if (!what->version.empty())
        record.version = what->version;
      record.last_heartbeat = sig.ts();
      record.registered_at = env_->now();
      write(std::move(record));
      event.reason = "register";
      break;
    }
    case signal_type::DEREGISTER:
      write(neuron_farewell{neuron_id});
      event.reason = "deregister";
      break;
    default: {
      // Without a word about it, the status stays what it is.
      auto what = sig.get_if<payload::heartbeat>();
      std::optional<std::string> status;
      if (what && sig.payload().contains("status"))
        status = what->status;
      write(neuron_touch{neuron_id, sig.ts(), std::move(status), env_->now()});
      event.reason = "heartbeat";
    }
  }
  refresh(event);
}

caf::result<std::vector<neuron_record>>
dendrite_state::read(const registry_filter& which) {
  if (!options_.registry_store)
    return make_error(ec::no_registry_store,
                      options_.dendrite_id + " has no registry store");
  if (!registry_)
    return make_error(ec::not_connected,
                      "not connected: the registry's actor has ended");
  return self_->delegate(registry_, caf::get_atom_v, which);
}

// -- discovery -----------------------------------------------------------------

caf::result<void> dendrite_state::answer_discover(const signal& sig) {
  if (auto err = check_connected())
    return err;
  answer_discover_later(sig);
  return caf::unit;
}

/// @source dendrite.md section 6.3, signals.md section 9.29
void dendrite_state::answer_discover_later(const signal& sig) {
  auto what = sig.get_if<payload::discover>();
  if (!what || !active() || (axons_.empty() && engrams_.empty()))
    return;
  auto jitter = std::chrono::microseconds{env_->build.outside().random->next()
                                          % (discover_jitter_us + 1)};
  self_->run_delayed(jitter, [this, epoch = epoch_, what = *what] {
    if (epoch != epoch_)
      return;
    for (auto& h : axons_) {
      if (h.leaving
          || (what.neuron && !what.neuron->empty()
              && *what.neuron != h.what.neuron_id())
          || (what.capabilities && !h.what.covers(*what.capabilities)))
        continue;
      announce(h);
    }
    engrams_.announce([&](const engram_description& about) {
      auto offered = [&](const std::string& capability) {
        return std::ranges::find(about.capabilities, capability)
               != about.capabilities.end();
      };
      return (!what.neuron || what.neuron->empty()
              || *what.neuron == about.engram_id)
             && (!what.capabilities
                 || std::ranges::all_of(*what.capabilities, offered));
    });
  });
}

} // namespace cosmo::actors
