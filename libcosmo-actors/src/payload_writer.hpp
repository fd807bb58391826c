// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "json_writer.hpp"
#include <cosmo/field_table.hpp>

#include <string>
#include <type_traits>

/// Writing payload structs as JSON by their field tables, either as text or
/// into a `json`.
namespace cosmo::fields {

// -- whether a value is written ------------------------------------------------

inline bool is_set(const std::string& x) {
  return !x.empty();
}

inline bool is_set(const std::vector<std::string>& x) {
  return !x.empty();
}

inline bool is_set(bool x) {
  return x;
}

inline bool is_set(int64_t x) {
  return x != 0;
}

inline bool is_set(double x) {
  return x != 0.0;
}

inline bool is_set(const json& x) {
  return truthy(x);
}

template <class T>
bool is_set(const std::optional<T>& x) {
  // Null means "not given" for every optional field of the protocol.
  if constexpr (std::is_same_v<T, json>)
    return x && !x->is_null();
  else
    return x.has_value();
}

template <class Owner, class Member>
bool is_written(const Owner& x, const field<Owner, Member>& fd) {
  return fd.when == presence::always || is_set(x.*fd.member);
}

// -- text ----------------------------------------------------------------------

inline bool write(json_writer& out, const std::string& x) {
  return out.string(x);
}

inline bool write(json_writer& out, const json& x) {
  return out.value(x);
}

inline bool write(json_writer& out, bool x) {
  out.boolean(x);
  return true;
}

inline bool write(json_writer& out, int64_t x) {
  out.integer(x);
  return true;
}

inline bool write(json_writer& out, double x) {
  out.real(x);
  return true;
}

bool write(json_writer& out, const std::vector<std::string>& x);

template <class T>
bool write(json_writer& out, const std::optional<T>& x) {
  return write(out, *x);
}

template <class Owner, class Member>
bool write_field(json_writer& out, const Owner& x,
                 const field<Owner, Member>& fd, std::string_view key) {
  if (key.empty() || !is_written(x, fd))
    return true;
  out.key(key);
  return write(out, x.*fd.member) || out.under(key);
}

// -- json ----------------------------------------------------------------------

template <class T>
json as_json(const T& x) {
  return x;
}

template <class T>
json as_json(const std::optional<T>& x) {
  return *x;
}

template <class Owner, class Member>
void add_field(json& out, const Owner& x, const field<Owner, Member>& fd,
               std::string_view key) {
  if (!key.empty() && is_written(x, fd))
    out.emplace(key, as_json(x.*fd.member));
}

} // namespace cosmo::fields
