// SPDX-License-Identifier: Apache-2.0
#include "dendrite_state.hpp"

#include <algorithm>

namespace cosmo::actors {

caf::expected<uint64_t> dendrite_state::add_handler(handler_spec spec) {
  if (auto err = check_connected())
    return err;
  if (!spec.fn)
    return make_error(ec::bad_argument, "a handler needs a function");
  auto types = spec.types;
  auto number = handlers_.add(std::move(spec));
  lines_.emplace(number, handler_line{std::make_shared<calls>(self_, env_),
                                      std::make_shared<std::atomic<bool>>()});
  if (active())
    watch(types);
  return number;
}

/// It stays even if its bus is gone, which may come back.
caf::result<uint64_t> dendrite_state::handle(handler_spec spec) {
  auto number = add_handler(std::move(spec));
  if (!number)
    return std::move(number.error());
  if (!active())
    return *number;
  auto answer = self_->make_response_promise<uint64_t>();
  when_subscribed([answer, number = *number](const caf::error&) mutable {
    answer.deliver(number);
  });
  return answer;
}

void dendrite_state::remove_handler(uint64_t number) {
  auto i = lines_.find(number);
  if (i == lines_.end())
    return;
  *i->second.removed = true;
  i->second.queue->clear();
  lines_.erase(i);
  handlers_.remove(number);
  update_task_subscriptions();
}

/// Subscribes to what handlers want to see. TASKs come by more than one
/// subject.
void dendrite_state::watch(signal_type_set types) {
  ensure(types - signal_type_set{signal_type::TASK});
  update_task_subscriptions();
}

dendrite_state::calls::call
dendrite_state::job_for(const handler_table::handler_ptr& h,
                        const handler_line& line, const signal& sig) {
  return [h, removed = line.removed, sig] {
    if (!*removed)
      h->spec.fn(sig);
  };
}

/// @source dendrite.md section 19
void dendrite_state::fire(const signal& sig) {
  if (!handlers_.has(sig.type()))
    return;
  auto [matched, undecided] = handlers_.select(sig);
  if (auto h
      = undecided.empty() ? nullptr : find(std::string{sig.directed_id()})) {
    // What is attached here is known better than by any store.
    for (auto& x : undecided)
      if (handler_table::wants(*x, h->what.options().capabilities))
        matched.push_back(std::move(x));
    undecided.clear();
    std::ranges::sort(matched, {}, [](auto& x) { return x->number; });
  }
  for (auto& h : matched) {
    auto& line = lines_.at(h->number);
    if (line.queue->size() < env_->mail->max())
      line.queue->add(job_for(h, line, sig));
    else
      env_->letters->add(dead_letter_reason::dropped,
                         "a handler of " + options_.dendrite_id,
                         to_string(sig.type()));
  }
  if (undecided.empty() || !registry_)
    return;
  // Later Signals wait for the store's word on this one.
  std::vector<std::pair<handler_table::handler_ptr, calls::place>> open;
  for (auto& h : undecided)
    open.emplace_back(h, lines_.at(h->number).queue->reserve());
  auto decide = [this, open, sig](const std::vector<std::string>& offered) {
    for (auto& [h, where] : open) {
      auto line = lines_.find(h->number);
      if (line == lines_.end())
        continue;
      auto wanted = handler_table::wants(*h, offered);
      line->second.queue->settle(where, wanted ? job_for(h, line->second, sig)
                                               : calls::call{});
    }
  };
  self_
    ->request(registry_, caf::infinite, caf::get_atom_v,
              std::string{sig.directed_id()})
    .then([decide](const neuron_record& x) { decide(x.capabilities); },
          [decide](const caf::error&) { decide({}); });
}

} // namespace cosmo::actors
