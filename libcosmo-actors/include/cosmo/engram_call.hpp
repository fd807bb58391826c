// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/engram_backend.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo {

/// Which answers to a RECALL count. @source engram.md 7.4
enum class recall_mode : uint8_t {
  /// The earliest.
  first,
  /// All that come within the deadline, best hits first.
  merge,
  /// The same; it only says that the caller means to see everybody's.
  all,
};

std::string_view to_string(recall_mode value) noexcept;

/// @returns ec::bad_argument for any other text.
caf::expected<recall_mode> parse_recall_mode(std::string_view text);

/// What a recall may be told. One of `engram_id` and `engram_kind` is required.
/// @source engram.md 7.1
struct recall_options {
  /// The Engram to ask.
  std::string engram_id = {};
  /// Every Engram of this kind is asked; means nothing beside an id.
  std::string engram_kind = {};
  /// An object.
  json query = json::object();
  /// An object, or null for none.
  json filters = nullptr;
  std::string context_ref = {};
  /// Absent: the Dendrite's default; 0: none. For `merge` and `all` the time in
  /// which answers are collected, where absent and 0 stand for 1 s.
  std::optional<std::chrono::milliseconds> deadline = {};
  /// Absent: `first`, or what the binding says.
  std::optional<recall_mode> mode = {};
  std::optional<double> min_confidence = {};
  /// Absent: a fresh trace, or that of the running TASK.
  std::optional<std::string> trace_id = {};
  std::optional<std::string> parent_id = {};
  json meta = nullptr;
  /// Called with each Engram's answer as it comes, before the recall returns
  /// with all of them. May block.   @affinity a worker, one call at a time
  std::function<void(const struct recall_result&)> on_reply = {};
};

/// What a recall has found. @source engram.md 2.3
struct recall_result {
  std::vector<engram_hit> hits = {};
  /// Who answered, in order of arrival.
  std::vector<std::string> engram_ids = {};
  bool truncated = false;
  std::optional<int64_t> took_ms = {};
  /// Why an Engram refused to answer.
  std::optional<std::string> error = {};

  /// Whether anything was found.
  explicit operator bool() const noexcept {
    return !hits.empty();
  }

  auto begin() const noexcept {
    return hits.begin();
  }

  auto end() const noexcept {
    return hits.end();
  }
};

/// What an imprint may be told. One of `engram_id` and `engram_kind` is
/// required. @source engram.md 7.1
struct imprint_options {
  /// The Engram to write to.
  std::string engram_id = {};
  /// Every Engram of this kind writes; means nothing beside an id.
  std::string engram_kind = {};
  /// `add`, `append`, `merge`, `upsert` or `delete`.
  std::string op = {};
  /// An object with `id`, `content`, `tags` and `meta`, all of them optional.
  json entry = json::object();
  /// Required by `merge` and `upsert`.
  std::optional<std::string> merge_key = {};
  /// Whether to wait for the receipt.
  bool await_ack = false;
  /// How long to wait for it. Absent: the Dendrite's default; 0: for ever.
  std::optional<std::chrono::milliseconds> deadline = {};
  /// Absent: a fresh trace, or that of the running TASK.
  std::optional<std::string> trace_id = {};
  std::optional<std::string> parent_id = {};
  json meta = nullptr;
};

/// An Engram that a Neuron may use, under a name of its own.
/// @source engram.md 2.3 and 7.2
struct engram_binding {
  std::string name;
  /// Its id; or
  std::optional<std::string> directed_id = {};
  /// its kind.
  std::optional<std::string> directed_type = {};
  /// For recalls, and for imprints that wait for their receipt.
  std::optional<std::chrono::milliseconds> default_deadline = {};
  recall_mode default_recall_mode = recall_mode::first;
};

/// @returns ec::bad_config naming what is missing.
caf::error check(const engram_binding& binding);

} // namespace cosmo
