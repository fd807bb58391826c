// SPDX-License-Identifier: Apache-2.0
#include <cosmo/engram_backend.hpp>

namespace cosmo {

bool engram_backend::can_serve(const json&) {
  return true;
}

caf::expected<rollback_report>
engram_backend::compensate(const rollback_order&) {
  return rollback_report{};
}

caf::error engram_backend::commit(const std::string&) {
  return {};
}

caf::error engram_backend::mark_failed(const std::string&) {
  return {};
}

caf::expected<std::vector<rollback_order>> engram_backend::unfinished() {
  return std::vector<rollback_order>{};
}

caf::expected<size_t> engram_backend::sweep() {
  return size_t{0};
}

std::optional<engram_journal_counts> engram_backend::counts() {
  return std::nullopt;
}

} // namespace cosmo
