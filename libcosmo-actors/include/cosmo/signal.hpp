// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/ids.hpp>
#include <cosmo/payload.hpp>
#include <cosmo/signal_fwd.hpp>
#include <cosmo/timestamp.hpp>

#include <caf/fwd.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cosmo {

/// The envelope without its payload.
/// @source signals.md section 1
struct header {
  std::string v = "1";
  std::string id;
  std::string trace_id;
  std::optional<std::string> parent_id;
  std::optional<cosmo::directed> directed;
  timestamp ts{};
  /// An object; null stands for `{}`.
  json meta;

  template <class Inspector>
  friend bool inspect(Inspector& f, header& x) {
    auto get_ts = [&x] { return int64_t{x.ts.time_since_epoch().count()}; };
    auto set_ts = [&x](int64_t us) {
      x.ts = timestamp{std::chrono::microseconds{us}};
      return true;
    };
    return f.object(x).fields(
      f.field("v", x.v), f.field("id", x.id), f.field("trace_id", x.trace_id),
      f.field("parent_id", x.parent_id), f.field("directed", x.directed),
      f.field("ts", get_ts, set_ts), f.field("meta", x.meta));
  }
};

/// What an envelope must fulfil wherever it comes from: version rule, prefixes
/// of the ids, range of `ts`, an object as `meta`.
/// @source signals.md sections 3 (D7), 5 and 6
caf::error check(const header& hdr);

/// Whether `v` names major version 1.
bool is_accepted_version(std::string_view v) noexcept;

/// One message of the protocol: an envelope and its payload.
///
/// A cheap handle to an immutable, shared value: inside a process a Signal is
/// never encoded and never copied. A Signal built here holds a payload struct;
/// a decoded one holds the JSON exactly as it came, so that forwarding loses
/// nothing. Either view is made on first use and kept.
/// A default-constructed handle holds nothing; only assign to it.
/// @affinity any thread
class signal {
public:
  signal() noexcept = default;

  /// Wraps a struct. The header is taken as it is: use `signal_builder`.
  template <payload_struct P>
  static signal make(header hdr, P payload) {
    return make_typed(std::move(hdr), P::type, new P(std::move(payload)));
  }

  /// Wraps the JSON object of a decoded payload.
  static signal make_wire(header hdr, signal_type type, json payload);

  explicit operator bool() const noexcept {
    return node_ != nullptr;
  }

  // -- envelope ---------------------------------------------------------------

  const std::string& v() const noexcept;
  const std::string& id() const noexcept;
  const std::string& trace_id() const noexcept;
  const std::optional<std::string>& parent_id() const noexcept;
  signal_type type() const noexcept;
  const std::optional<cosmo::directed>& directed() const noexcept;
  timestamp ts() const noexcept;
  /// Always an object.
  const json& meta() const noexcept;

  const header& envelope() const noexcept;

  /// `directed.id`, or an empty text when there is none.
  std::string_view directed_id() const noexcept;

  // -- payload ----------------------------------------------------------------

  /// The payload as JSON, always an object.
  const json& payload() const;

  /// The payload as its struct; null when the type is another one or a field
  /// is ill-typed.
  template <payload_struct P>
  const P* get_if() const {
    return type() == P::type ? static_cast<const P*>(typed()) : nullptr;
  }

  /// This Signal as one that is known to hold one of `Ps`.
  /// @returns ec::bad_field_type naming the field, or ec::protocol_violation
  ///          when the type is none of them.
  template <payload_struct... Ps>
  caf::expected<signal_of<Ps...>> as() const;

  /// What the trace produced: `output` of AGENT_OUTPUT, `result` of FINAL, else
  /// null.
  const json& output() const;

  /// Whether the payload struct is in memory already, hence the JSON need not
  /// be made to write it.
  bool holds_struct() const noexcept;

  /// The struct, made from the JSON if need be; null if that fails.
  const void* typed() const;

  /// Why the payload cannot be read as its struct.
  caf::error typed_error() const;

private:
  friend bool inspect_binary(caf::binary_deserializer& f, signal& sig);

  struct node;

  explicit signal(std::shared_ptr<const node> ptr) noexcept
    : node_(std::move(ptr)) {
    // nop
  }

  static signal make_typed(header hdr, signal_type type, const void* owned);

  std::shared_ptr<const node> node_;
};

/// A Signal whose type is statically one of `Ps`, with a readable payload.
///
/// What the protocol forbids does not compile: a set converts only to a wider
/// one, so an Axon cannot answer with a TASK.
template <class... Ps>
class signal_of : public signal {
  static_assert((payload_struct<Ps> && ...));

public:
  static constexpr signal_type_set types{Ps::type...};

  /// For deserialization only.
  signal_of() noexcept = default;

  template <payload_struct P>
    requires(std::same_as<P, Ps> || ...)
  signal_of(header hdr, P payload)
    : signal(signal::make(std::move(hdr), std::move(payload))) {
    // nop
  }

  template <payload_struct... Qs>
    requires(sizeof...(Qs) < sizeof...(Ps)
             && (payload_list<Ps...>::template contains<Qs> && ...))
  signal_of(signal_of<Qs...> narrower) noexcept : signal(std::move(narrower)) {
    // nop
  }

  /// Checks a Signal of unknown type.
  static caf::expected<signal_of> from(signal sig);

  /// The payload, for sets of one.
  const auto& data() const
    requires(sizeof...(Ps) == 1)
  {
    return *static_cast<const first*>(typed());
  }

  using signal::payload;

private:
  using first = std::tuple_element_t<0, std::tuple<Ps...>>;

  struct checked {};

  signal_of(checked, signal sig) noexcept : signal(std::move(sig)) {
    // nop
  }
};

// -- implementation ------------------------------------------------------------

/// The error of asking a Signal for a type that it does not have.
caf::error wrong_type(const signal& sig, signal_type_set expected);

template <class... Ps>
caf::expected<signal_of<Ps...>> signal_of<Ps...>::from(signal sig) {
  if (!types.contains(sig.type()))
    return wrong_type(sig, types);
  if (sig.typed() == nullptr)
    return sig.typed_error();
  return signal_of{checked{}, std::move(sig)};
}

template <payload_struct... Ps>
caf::expected<signal_of<Ps...>> signal::as() const {
  return signal_of<Ps...>::from(*this);
}

/// A Signal taken apart, for inspectors that want named fields.
struct signal_parts {
  header hdr;
  signal_type type = signal_type::TASK;
  json payload;

  static signal_parts of(const signal& sig);

  /// @returns the Signal, or what is wrong with the parts.
  caf::expected<signal> assemble() &&;
};

/// CAF's binary form: header fields, then the struct, or the JSON text where
/// the payload came as JSON.
bool inspect_binary(caf::binary_serializer& f, signal& sig);
bool inspect_binary(caf::binary_deserializer& f, signal& sig);

template <class Inspector>
bool inspect(Inspector& f, signal& sig) {
  if constexpr (requires { inspect_binary(f, sig); }) {
    return inspect_binary(f, sig);
  } else {
    signal_parts parts;
    if constexpr (!Inspector::is_loading)
      parts = signal_parts::of(sig);
    if (!f.object(sig).fields(f.field("header", parts.hdr),
                              f.field("type", parts.type),
                              f.field("payload", parts.payload)))
      return false;
    if constexpr (Inspector::is_loading) {
      auto result = std::move(parts).assemble();
      if (!result) {
        f.set_error(std::move(result.error()));
        return false;
      }
      sig = std::move(*result);
    }
    return true;
  }
}

/// As above; what is loaded must be of one of the types.
template <class Inspector, payload_struct... Ps>
bool inspect(Inspector& f, signal_of<Ps...>& sig) {
  if (!inspect(f, static_cast<signal&>(sig)))
    return false;
  if constexpr (Inspector::is_loading) {
    if (auto result = signal_of<Ps...>::from(sig); !result) {
      f.set_error(std::move(result.error()));
      return false;
    }
  }
  return true;
}

} // namespace cosmo
