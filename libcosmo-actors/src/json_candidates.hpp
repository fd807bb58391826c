// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace cosmo {

/// Finds JSON objects in what a model has written. Its work is bounded: a text
/// of nothing but braces is given up on.
/// @source neurons.md 17.7
class json_scan {
public:
  explicit json_scan(std::string_view text) : text_(text) {
    // nop
  }

  struct found {
    json value;
    /// Where it begins, and where what follows it does.
    size_t first;
    size_t past;
  };

  /// The first JSON object that begins at `from` or later.
  std::optional<found> next(size_t from);

  /// The JSON object that ends the text, if it is not inside of another one.
  std::optional<json> last();

  /// The JSON object that begins at `at`.
  std::optional<found> at(size_t at);

private:
  /// Where the object that begins at `at` is closed; nothing if it never is,
  /// or is nested deeper than any wire takes.
  std::optional<size_t> past_object(size_t at);

  std::string_view text_;
  size_t tries_ = 0;
};

/// The objects of a text that may be meant for a machine: one that it begins
/// with, one in each fence, one that ends it. None twice.
std::vector<json> json_candidates(std::string_view text);

std::string_view trimmed(std::string_view text);

} // namespace cosmo
