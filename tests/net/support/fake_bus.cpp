// SPDX-License-Identifier: Apache-2.0
#include "fake_bus.hpp"

#include "http_exchange.hpp"

#include <stdexcept>
#include <utility>

namespace cosmo::net::test {

observe fake_bus::feed() {
  return [this](
           const std::string& url, const std::string& name_space,
           observer_events events) -> caf::expected<std::shared_ptr<void>> {
    constexpr std::string_view failing = "fail:";
    std::unique_lock guard{mutex_};
    ++asked_;
    if (url.starts_with(failing))
      return make_error(static_cast<ec>(std::stoi(url.substr(failing.size()))),
                        "as told by " + url);
    observations_.push_back(std::make_unique<observation>(
      observation{url, name_space, std::move(events)}));
    auto* plain = observations_.back().get();
    changed_.notify_all();
    return std::shared_ptr<void>{plain, [this, plain](void*) {
                                   std::unique_lock inner{mutex_};
                                   plain->has_ended = true;
                                   plain->events = {};
                                   changed_.notify_all();
                                 }};
  };
}

template <class Predicate>
void fake_bus::wait(Predicate is_met) const {
  std::unique_lock guard{mutex_};
  if (!changed_.wait_for(guard, patience, is_met))
    throw std::runtime_error{"nobody observes, or nobody stops"};
}

fake_bus::observation& fake_bus::await(size_t index) {
  wait([&] { return observations_.size() > index; });
  return *observations_[index];
}

void fake_bus::await_end(size_t index) {
  wait([&] {
    return observations_.size() > index && observations_[index]->has_ended;
  });
}

size_t fake_bus::asked() const {
  std::unique_lock guard{mutex_};
  return asked_;
}

} // namespace cosmo::net::test
