// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/signal_type.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo {

/// A subject or pattern of the bus: tokens separated by dots, where `*` in a
/// pattern stands for one token and a final `>` for one or more. Shared and
/// immutable: copying it costs no allocation.
/// @source synapse-and-cli.md section 1
class subject {
public:
  subject() : subject(std::string{}) {
    // nop
  }

  explicit subject(std::string text)
    : text_(std::make_shared<const std::string>(std::move(text))) {
    // nop
  }

  const std::string& str() const noexcept {
    return *text_;
  }

  bool operator==(const subject& other) const noexcept {
    return *text_ == *other.text_;
  }

  template <class Inspector>
  friend bool inspect(Inspector& f, subject& x) {
    auto get = [&x]() -> const std::string& { return x.str(); };
    auto set = [&x](std::string text) {
      x = subject{std::move(text)};
      return true;
    };
    return f.apply(get, set);
  }

private:
  std::shared_ptr<const std::string> text_;
};

/// The tokens of a subject; views into `text`.
std::vector<std::string_view> split_subject(std::string_view text);

/// Whether `text` may be a namespace: not empty, and without dots, wildcards,
/// white space and control characters.
/// @returns ec::bad_argument naming `text`.
caf::error check_name_space(std::string_view text);

/// `cosmonapse.<name_space>.<TYPE>`
subject signal_subject(std::string_view name_space, signal_type type);

/// `cosmonapse.<name_space>.TASK.routed`, for TASKs that only name
/// capabilities.
subject routed_task_subject(std::string_view name_space);

/// The queue group of routed TASKs: `caps:` and the capabilities, sorted by
/// byte, without duplicates, joined by commas.
std::string routed_task_group(std::vector<std::string> capabilities);

} // namespace cosmo
