// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/caf_compat.hpp>
#include <cosmo/json.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

/// One declaration per payload. Each payload struct lists its fields once, with
/// `fields()`; JSON codec, CAF inspection, validation and JSON Schema are read
/// off that list.
namespace cosmo::fields {

/// When a field is written. @source signals.md section 9, legend
enum class presence {
  /// Always, and a validator misses it when it is absent.
  always,
  /// Unless it is null, `""`, `[]`, `{}`, 0 or false.
  if_truthy,
  /// Unless it was not given at all.
  if_given,
};

/// What JSON a `json` member may hold.
enum class shape { any, string, object, array };

using choices = std::span<const std::string_view>;

/// One member of a payload struct and how it looks on the wire.
template <class Owner, class Member>
struct field {
  using member_type = Member;

  std::string_view name;
  Member Owner::* member;
  presence when;
  std::string_view doc;
  /// Shape that the schema documents and the validator checks.
  shape expects = shape::any;
  /// Texts the schema lists; only builders refuse others.
  choices one_of = {};
  /// A second key that repeats the value: written too, read as a stand-in.
  std::string_view mirror = {};
  /// Whether a reader takes any JSON here, bools by truthiness.
  bool lenient = false;

  constexpr field is(shape s) const {
    auto result = *this;
    result.expects = s;
    return result;
  }

  constexpr field among(choices texts) const {
    auto result = *this;
    result.one_of = texts;
    return result;
  }

  constexpr field mirrored_as(std::string_view key) const {
    auto result = *this;
    result.mirror = key;
    return result;
  }

  constexpr field leniently() const {
    auto result = *this;
    result.lenient = true;
    return result;
  }
};

template <class Owner, class Member>
constexpr auto always(std::string_view name, Member Owner::* member,
                      std::string_view doc) {
  return field<Owner, Member>{name, member, presence::always, doc};
}

template <class Owner, class Member>
constexpr auto if_truthy(std::string_view name, Member Owner::* member,
                         std::string_view doc) {
  return field<Owner, Member>{name, member, presence::if_truthy, doc};
}

template <class Owner, class T>
constexpr auto if_given(std::string_view name, std::optional<T> Owner::* member,
                        std::string_view doc) {
  return field<Owner, std::optional<T>>{name, member, presence::if_given, doc};
}

} // namespace cosmo::fields

namespace cosmo {

/// A payload struct: knows its signal type and its fields.
template <class T>
concept payload_struct = requires {
  T::type;
  T::fields();
};

/// CAF's view of a payload, generated from its field table.
template <class Inspector, payload_struct T>
bool inspect(Inspector& f, T& x) {
  return std::apply(
    [&](const auto&... fd) {
      return f.object(x).fields(
        f.field(compat::field_name(fd.name), x.*fd.member)...);
    },
    T::fields());
}

} // namespace cosmo
