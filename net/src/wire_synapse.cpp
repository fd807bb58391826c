// SPDX-License-Identifier: Apache-2.0
#include "wire_synapse.hpp"

#include <cosmo/caf_compat.hpp>
#include <cosmo/codec.hpp>
#include <cosmo/log.hpp>
#include <cosmo/net/bus_url.hpp>
#include <cosmo/net/wire_transport.hpp>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <set>
#include <string>

namespace cosmo::net {

namespace {

/// The namespace of a pattern for Signals of this type alone; empty without.
std::string_view name_space_of(std::string_view pattern, signal_type type) {
  auto tokens = split_subject(pattern);
  return tokens.size() == 3 && tokens[0] == "cosmonapse"
             && tokens[2] == to_string(type)
           ? tokens[1]
           : std::string_view{};
}

} // namespace

wire_synapse_state::wire_synapse_state(wire_synapse_actor::pointer self,
                                       actors::inbox_ptr box,
                                       std::shared_ptr<wire_client> client,
                                       wire_inlet_ptr inlet,
                                       dead_letters_ptr letters,
                                       signal_builder build)
  : self_(self),
    box_(std::move(box)),
    client_(std::move(client)),
    inlet_(std::move(inlet)),
    letters_(std::move(letters)),
    build_(std::move(build)) {
  self_->set_down_handler([this](caf::down_msg& msg) { forget(msg.source); });
}

wire_synapse_state::~wire_synapse_state() {
  client_->close();
}

wire_synapse_actor::behavior_type wire_synapse_state::make_behavior() {
  return {
    [this](caf::ok_atom, uint64_t number, const caf::error& why) {
      answer(number, why);
    },
    [this](caf::connect_atom) { announce_again(); },
    [this](caf::close_atom, const caf::error& why) { self_->quit(why); },
    [this](caf::publish_atom, const subject& where, const signal& sig) {
      return publish(where, sig);
    },
    [this](caf::subscribe_atom, const subscription& sub) {
      return subscribe(sub);
    },
    [this](caf::unsubscribe_atom, const subscription& sub) {
      unsubscribe(sub);
    },
    [this](caf::flush_atom) -> caf::result<void> {
      auto [done, answer] = ask();
      client_->flush(std::move(done));
      return std::move(answer);
    },
    [this](caf::close_atom) { self_->quit(caf::exit_reason::user_shutdown); },
  };
}

// -- publishing --------------------------------------------------------------------

caf::result<void> wire_synapse_state::publish(const subject& where,
                                              const signal& sig) {
  box_->took();
  auto frame = encode(sig);
  auto why = frame ? client_->publish(where.str(), *frame) : frame.error();
  if (!why)
    return caf::unit;
  if (is_awaited())
    return why;
  log::warning("net.wire", "not-published", sig.id() + ": " + describe(why));
  letters_->add(dead_letter_reason::refused, client_->url(),
                std::string{to_string(sig.type())} + ' ' + sig.id());
  return caf::unit;
}

// -- subscribing -------------------------------------------------------------------

caf::result<void> wire_synapse_state::subscribe(const subscription& sub) {
  auto addr = sub.receiver.address();
  auto [known, added] = receivers_.try_emplace(addr);
  if (added)
    self_->monitor(sub.receiver);
  auto [done, answer] = ask();
  auto at_server = client_->subscribe(
    sub.pattern.str(), sub.group,
    [inlet = inlet_, sub](std::string_view subject, std::string_view frame) {
      inlet->deliver(sub, subject, frame);
    },
    std::move(done));
  auto [slot, fresh]
    = known->second.try_emplace(sub.id, place{at_server, sub.pattern});
  if (!fresh) {
    client_->unsubscribe(slot->second.at_server);
    slot->second = {at_server, sub.pattern};
  }
  return std::move(answer);
}

void wire_synapse_state::unsubscribe(const subscription& sub) {
  auto known = receivers_.find(sub.receiver.address());
  if (known == receivers_.end())
    return;
  auto slot = known->second.find(sub.id);
  if (slot == known->second.end())
    return;
  client_->unsubscribe(slot->second.at_server);
  known->second.erase(slot);
  if (!known->second.empty())
    return;
  self_->demonitor(sub.receiver);
  receivers_.erase(known);
}

void wire_synapse_state::forget(const caf::actor_addr& receiver) {
  auto known = receivers_.find(receiver);
  if (known == receivers_.end())
    return;
  for (auto& [id, slot] : known->second)
    client_->unsubscribe(slot.at_server);
  receivers_.erase(known);
}

// -- questions to the server ---------------------------------------------------------

bool wire_synapse_state::is_awaited() const {
  return self_->current_mailbox_element()->mid.is_request();
}

std::pair<wire_client::done_handler, caf::result<void>>
wire_synapse_state::ask() {
  if (!is_awaited())
    return {[](const caf::error&) {}, caf::unit};
  auto promise = self_->make_response_promise<void>();
  auto number = ++last_question_;
  questions_.emplace(number, promise);
  self_->run_delayed(client_->answer_timeout(),
                     [this, number] { answer(number, client_->no_answer()); });
  auto done = [me = self_->address(), number](caf::error why) {
    if (auto to = caf::actor_cast<wire_synapse_actor>(me))
      caf::anon_send(to, caf::ok_atom_v, number, std::move(why));
  };
  return {std::move(done), std::move(promise)};
}

void wire_synapse_state::answer(uint64_t number, const caf::error& why) {
  auto i = questions_.find(number);
  if (i == questions_.end())
    return;
  auto promise = std::move(i->second);
  questions_.erase(i);
  if (why)
    promise.deliver(why);
  else
    promise.deliver();
}

// -- coming back -------------------------------------------------------------------

/// Others may have missed what is hosted here, and those here who else there
/// is: the former is asked for in this process alone, for others to hear.
void wire_synapse_state::announce_again() {
  std::set<std::string, std::less<>> watched;
  auto question = build_.make(payload::discover{});
  for (auto& [addr, subscriptions] : receivers_)
    for (auto& [id, slot] : subscriptions) {
      auto& pattern = slot.pattern.str();
      if (auto watching = name_space_of(pattern, signal_type::REGISTER);
          !watching.empty())
        watched.emplace(watching);
      if (name_space_of(pattern, signal_type::DISCOVER).empty())
        continue;
      if (auto to = caf::actor_cast<subscriber_actor>(addr))
        self_->send(to, deliver_atom_v, id, signal{question});
    }
  for (auto& name_space : watched) {
    auto where = signal_subject(name_space, signal_type::DISCOVER);
    if (auto frame = encode(build_.make(payload::discover{})))
      (void)client_->publish(where.str(), *frame);
  }
}

// -- the transport -----------------------------------------------------------------

transport wire_transport(wire_client_options options,
                         wire_client_events to_tell) {
  auto connect
    = [options, to_tell](const transport_context& context,
                         std::string_view url) -> caf::expected<synapse_actor> {
    auto to = parse_bus_url(url);
    if (!to)
      return std::move(to.error());
    // Here, unlike there, no port is meant by it.
    if (to->port == 0)
      to->port.reset();
    auto outside = context.build.outside();
    auto inlet = std::make_shared<wire_inlet>(outside);
    auto tell = [inlet](auto... xs) {
      if (auto owner = caf::actor_cast<wire_synapse_actor>(inlet->owner()))
        caf::anon_send(owner, std::move(xs)...);
    };
    auto events = to_tell;
    events.on_back = [tell, also = to_tell.on_back] {
      tell(caf::connect_atom_v);
      if (also)
        also();
    };
    events.on_lost = [tell, also = to_tell.on_lost,
                      is_over = !options.reconnect](const caf::error& why) {
      if (is_over)
        tell(caf::close_atom_v, why);
      if (also)
        also(why);
    };
    auto client = wire_client::connect(*to, options, events, outside);
    if (!client)
      return std::move(client.error());
    using impl = actors::with_inbox<
      caf::stateful_actor<wire_synapse_state, wire_synapse_actor::base>>;
    wire_synapse_actor result{context.system.spawn<impl>(
      context.box, *client, inlet, context.letters, context.build)};
    inlet->belongs_to(result.address());
    // Nobody was there to be told.
    if (!options.reconnect && !(*client)->connected())
      tell(caf::close_atom_v,
           make_error(ec::not_connected, "not connected: " + (*client)->url()
                                           + " has closed the connection"));
    return synapse_actor{result};
  };
  return {"cosmo", connect};
}

} // namespace cosmo::net
