// SPDX-License-Identifier: Apache-2.0
#include "ask.hpp"
#include "dendrite_state.hpp"
#include "environment.hpp"
#include <cosmo/runtime.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <semaphore.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <thread>

namespace cosmo {

namespace {

/// One for each core, but never a single one. More than cores only makes them
/// take turns; see doc/decisions/002-scheduler.md.
size_t default_threads() {
  return std::max(std::thread::hardware_concurrency(), 2u);
}

/// One of the few things that a signal handler may touch.
sem_t asked_to_end;

} // namespace

runtime::runtime(runtime_options options) {
  init_message_types();
  config_ = std::make_unique<caf::actor_system_config>();
  config_->set("caf.scheduler.policy",
               options.policy == scheduling::sharing ? "sharing" : "stealing");
  config_->set("caf.scheduler.max-threads",
               options.threads > 0 ? options.threads : default_threads());
  system_ = std::make_unique<caf::actor_system>(*config_);
  auto outside = options.outside ? std::move(*options.outside) : world::real();
  env_ = std::make_shared<actors::environment>(
    *system_, std::move(outside), std::function<bool()>{}, options.mailbox_max);
}

runtime::runtime(caf::actor_system& sys, world outside,
                 std::function<bool()> step, size_t mailbox_max)
  : env_(std::make_shared<actors::environment>(sys, std::move(outside),
                                               std::move(step), mailbox_max)) {
  // nop
}

runtime::~runtime() {
  env_->shut_down();
}

void runtime::add_transport(transport how) {
  env_->add(std::move(how));
}

caf::expected<synapse> runtime::connect(std::string_view url) {
  if (url == "memory:")
    return synapse{env_->memory_synapse(), env_};
  auto bus = env_->connect(url);
  if (!bus)
    return std::move(bus.error());
  return synapse{std::move(*bus), env_};
}

dendrite runtime::dendrite(const caf::expected<synapse>& bus,
                           dendrite_options options) {
  auto hdl = bus ? spawn_dendrite(bus->handle(), options) : bus.error();
  auto on = bus ? std::optional{*bus} : std::nullopt;
  return cosmo::dendrite{std::move(hdl), std::move(options), std::move(on),
                         env_};
}

synapse_actor runtime::spawn_synapse() {
  return env_->make_synapse();
}

caf::expected<dendrite_actor>
runtime::spawn_dendrite(const synapse_actor& bus, dendrite_options options) {
  if (!bus)
    return make_error(ec::bad_argument, "a Dendrite needs a Synapse");
  if (auto err = check(options))
    return err;
  auto result = actors::spawn_dendrite(env_, bus, std::move(options));
  env_->adopt(result);
  return result;
}

void runtime::wait_for_signal() {
  sem_init(&asked_to_end, 0, 0);
  struct sigaction on_signal = {};
  struct sigaction previous[2];
  on_signal.sa_handler = [](int) { sem_post(&asked_to_end); };
  sigaction(SIGINT, &on_signal, &previous[0]);
  sigaction(SIGTERM, &on_signal, &previous[1]);
  while (sem_wait(&asked_to_end) != 0 && errno == EINTR)
    ; // nop
  sigaction(SIGINT, &previous[0], nullptr);
  sigaction(SIGTERM, &previous[1], nullptr);
}

std::string runtime::new_trace_id() {
  return env_->build.outside().ids->new_trace_id();
}

std::string runtime::new_event_id() {
  return env_->build.outside().ids->new_event_id();
}

std::string runtime::new_engram_id() {
  return env_->build.outside().ids->new_engram_id();
}

caf::actor_system& runtime::system() noexcept {
  return env_->system();
}

child_info runtime::tree() const {
  return env_->tree();
}

dead_letters& runtime::dead_letters() const noexcept {
  return *env_->letters;
}

mail_counts runtime::mail() const {
  return env_->mail->counts();
}

} // namespace cosmo
