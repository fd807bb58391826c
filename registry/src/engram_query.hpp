// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engram_types.hpp"
#include <cosmo/engram_backend.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo::registry {

/// What a recall asks for, as far as the stock backends understand it.
/// @source engram.md section 10
class engram_query {
public:
  /// Never fails: what is of the wrong type counts as absent, and `complain` is
  /// called with its name.
  engram_query(const recall_request& what, size_t top_k_max,
               const std::function<void(std::string_view key)>& complain);

  const entry_range& range() const noexcept {
    return range_;
  }

  size_t top_k() const noexcept {
    return top_k_;
  }

  /// Whether all finds have the same score, so that none overtakes another.
  bool ranks_by_age() const noexcept {
    return text_.empty();
  }

  /// The score of a live entry. @returns nothing if it is not wanted.
  std::optional<double> score(const engram_row& row) const;

private:
  /// In small letters.
  std::string text_;
  std::vector<std::string> tags_;
  entry_range range_;
  std::optional<double> min_confidence_;
  size_t top_k_;
};

/// Whether a text in small letters can only stand in the texts and names of a
/// JSON value, and looks there as it does in any way of writing the value:
/// neither punctuation nor a part of a number.
bool is_word(std::string_view text) noexcept;

/// Keeps the best of what it is shown.
class best_hits {
public:
  explicit best_hits(size_t count) : count_(count) {
    // nop
  }

  void add(engram_row row, double score);

  /// Whether it has turned something away.
  bool full() const noexcept {
    return turned_away_;
  }

  /// Score first, then age, later ones first.
  recall_finds take();

private:
  struct candidate {
    double score;
    engram_row row;
  };

  static bool better(const candidate& a, const candidate& b) noexcept;

  size_t count_;
  bool turned_away_ = false;
  /// A heap with the worst on top.
  std::vector<candidate> candidates_;
};

} // namespace cosmo::registry
