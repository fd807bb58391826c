// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/ids.hpp>
#include <cosmo/signal.hpp>

#include <optional>
#include <string>
#include <utility>

namespace cosmo {

/// What a builder may be told about the envelope; the rest is fresh.
struct envelope_options {
  /// Absent: a fresh trace.
  std::optional<std::string> trace_id = {};
  std::optional<std::string> parent_id = {};
  std::optional<cosmo::directed> directed = {};
  /// An object; null stands for `{}`.
  json meta = nullptr;
};

/// Builds Signals: fresh id, current time, and the refusals of section 9.2.
/// @affinity any thread   @source signals.md sections 9.2 and 11.1
class signal_builder {
public:
  explicit signal_builder(world w) : world_(std::move(w)) {
    // nop
  }

  /// @returns ec::bad_argument, ec::bad_trace_id or ec::bad_parent_id.
  template <payload_struct P>
  caf::expected<signal_of<P>> operator()(P payload,
                                         envelope_options options = {}) const {
    if (auto err = check_envelope(options))
      return err;
    if constexpr (requires { P::check(payload, options.directed); })
      if (auto err = P::check(payload, options.directed))
        return err;
    return make(std::move(payload), std::move(options));
  }

  /// An answer to `source`: same trace, `source` as parent, and `source`'s
  /// address unless `to` overrides it. `meta` is not inherited.
  template <payload_struct P>
  caf::expected<signal_of<P>> reply(const signal& source, P payload,
                                    std::optional<cosmo::directed> to = {},
                                    json meta = nullptr) const {
    envelope_options about{.trace_id = source.trace_id(),
                           .parent_id = source.id(),
                           .directed = std::move(to),
                           .meta = std::move(meta)};
    if (!about.directed)
      about.directed = source.directed();
    return (*this)(std::move(payload), std::move(about));
  }

  /// Builds without the refusals, for callers that cannot violate them.
  template <payload_struct P>
  signal_of<P> make(P payload, envelope_options options = {}) const {
    if constexpr (requires { P::normalize(payload); })
      P::normalize(payload);
    return {fresh_header(std::move(options)), std::move(payload)};
  }

  const world& outside() const noexcept {
    return world_;
  }

private:
  static caf::error check_envelope(const envelope_options& options);

  header fresh_header(envelope_options options) const;

  world world_;
};

} // namespace cosmo
