// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <functional>
#include <memory>

namespace cosmo {

/// The wish to learn what became of a Signal: nothing once the bus has accepted
/// it, or why it has not.
///
/// Copyable; told once. When the last copy goes away untold, it tells
/// ec::cancelled: whoever wishes always learns.   @affinity one thread at a
/// time
class acceptance {
public:
  using function = std::function<void(caf::error)>;

  acceptance() = default;

  /// What `fn` throws is logged.
  explicit acceptance(function fn);

  void tell(caf::error outcome) const;

private:
  class listener;

  std::shared_ptr<listener> to_;
};

} // namespace cosmo
