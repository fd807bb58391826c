// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace cosmo {

/// Signals that may wait for one receiver: a Synapse, a Dendrite, a handler, a
/// Neuron that blocks. What happens beyond that is told in
/// doc/architecture.md, "When there is too much".
inline constexpr size_t mailbox_max_default = 65'536;

/// The Signals that were sent to the receivers of a runtime: at any time
/// `sent == handled + lost + waiting()`.
struct mail_counts {
  uint64_t sent = 0;
  uint64_t handled = 0;
  /// Each of them stands in the book of dead letters.
  uint64_t lost = 0;

  /// Those in flight.
  uint64_t waiting() const noexcept {
    return sent - handled - lost;
  }

  bool operator==(const mail_counts&) const = default;
};

} // namespace cosmo
