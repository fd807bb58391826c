// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/engram_counts.hpp>
#include <cosmo/payload.hpp>

#include <string_view>

namespace cosmo::actors {

/// Counts what has become of an Engram's requests. Names that come from outside
/// do not make it grow without end.
/// @source engram.md 19.6
class engram_tally {
public:
  /// Different tokens that are told apart.
  static constexpr size_t tokens_max = 64;

  void recalled(size_t hits);

  /// It had nothing to say.
  void passed_over();

  /// @param why `<token>: <text>`
  void recall_failed(std::string_view why);

  void imprinted(const payload::imprinted& receipt);

  /// All but how the Engram is now.
  const engram_counts& counts() const noexcept {
    return counts_;
  }

private:
  void failed(std::string_view why);

  engram_counts counts_;
};

} // namespace cosmo::actors
