// SPDX-License-Identifier: Apache-2.0
#include <cosmo/acceptance.hpp>
#include <cosmo/log.hpp>

#include <exception>
#include <utility>

namespace cosmo {

class acceptance::listener {
public:
  explicit listener(function fn) : fn_(std::move(fn)) {
    // nop
  }

  ~listener() {
    tell(make_error(ec::cancelled, "nobody has taken the Signal"));
  }

  void tell(caf::error outcome) noexcept {
    auto fn = std::exchange(fn_, nullptr);
    if (!fn)
      return;
    try {
      fn(std::move(outcome));
    } catch (const std::exception& err) {
      log::error("acceptance", "handler-threw", err.what());
    } catch (...) {
      log::error("acceptance", "handler-threw", "not a std::exception");
    }
  }

private:
  function fn_;
};

acceptance::acceptance(function fn)
  : to_(std::make_shared<listener>(std::move(fn))) {
  // nop
}

void acceptance::tell(caf::error outcome) const {
  if (to_)
    to_->tell(std::move(outcome));
}

} // namespace cosmo
