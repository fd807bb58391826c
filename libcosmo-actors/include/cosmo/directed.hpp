// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo {

/// Addressing and attribution of a Signal. An empty string counts as not set,
/// but is kept as it was. @source signals.md section 7
struct directed {
  /// Whom it is for; on replies, who produced it.
  std::optional<std::string> id;
  /// Kind: of Neuron, Engram or effector.
  std::optional<std::string> type;
  std::vector<std::string> capabilities;

  static directed to(std::string_view id) {
    directed result;
    result.id.emplace(id);
    return result;
  }

  bool has_id() const noexcept {
    return id && !id->empty();
  }

  bool has_type() const noexcept {
    return type && !type->empty();
  }

  bool operator==(const directed&) const = default;

  template <class Inspector>
  friend bool inspect(Inspector& f, directed& x) {
    return f.object(x).fields(f.field("id", x.id), f.field("type", x.type),
                              f.field("capabilities", x.capabilities));
  }
};

} // namespace cosmo
