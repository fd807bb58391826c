// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/field_table.hpp>

#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

/// Reading payload structs from JSON by their field tables.
namespace cosmo::fields {

/// The value that kept a payload from being read.
struct misfit {
  /// Below the payload, e.g. `capabilities[2]`.
  std::string path;
  std::string_view wanted;
  const json* found = nullptr;
};

std::string describe(const misfit& x);

bool read(const json& in, std::string& out, misfit& why);
bool read(const json& in, bool& out, misfit& why);
bool read(const json& in, int64_t& out, misfit& why);
bool read(const json& in, double& out, misfit& why);
bool read(const json& in, std::vector<std::string>& out, misfit& why);

template <class T>
bool read(const json& in, std::optional<T>& out, misfit& why) {
  return read(in, out.emplace(), why);
}

/// Whether `in` has the shape that the field documents.
bool has_shape(const json& in, shape expected, misfit& why);

template <class T>
inline constexpr bool holds_json
  = std::is_same_v<T, json> || std::is_same_v<T, std::optional<json>>;

template <class Owner, class Member>
bool read_member(const json& in, const field<Owner, Member>& fd, Owner& out,
                 misfit& why) {
  auto& member = out.*fd.member;
  if constexpr (holds_json<Member>) {
    if (!fd.lenient && !has_shape(in, fd.expects, why))
      return false;
    member = in;
    return true;
  } else {
    if constexpr (std::is_same_v<Member, bool>)
      if (fd.lenient) {
        member = truthy(in);
        return true;
      }
    return read(in, member, why);
  }
}

/// The value of a field in `object`, or null when it counts as absent.
template <class Owner, class Member>
const json* find_value(const json& object, const field<Owner, Member>& fd) {
  if (auto i = object.find(fd.name); i != object.end()) {
    // Only where null can be meant is it a value.
    const auto absent = i->is_null() && fd.when != presence::always;
    return absent ? nullptr : &*i;
  }
  if (fd.mirror.empty())
    return nullptr;
  auto i = object.find(fd.mirror);
  return i != object.end() && !i->is_null() ? &*i : nullptr;
}

template <class Owner, class Member>
bool read_field(const json& object, const field<Owner, Member>& fd, Owner& out,
                misfit& why) {
  const auto* value = find_value(object, fd);
  if (value == nullptr || read_member(*value, fd, out, why))
    return true;
  why.path.insert(0, fd.name);
  return false;
}

/// Judges a field by what it documents, without a reader's leniency.
template <class Owner, class Member>
void find_misfit(const json& object, field<Owner, Member> fd,
                 std::vector<std::string>& findings) {
  const auto* value = find_value(object, fd);
  if (value == nullptr) {
    if (fd.when == presence::always)
      findings.push_back("payload." + std::string{fd.name} + " is missing");
    return;
  }
  fd.lenient = false;
  Owner ignored;
  misfit why;
  if (read_member(*value, fd, ignored, why))
    return;
  why.path.insert(0, fd.name);
  findings.push_back(describe(why));
}

} // namespace cosmo::fields
