// SPDX-License-Identifier: Apache-2.0
#include "payload_codec.hpp"

#include "payload_reader.hpp"
#include "payload_schema.hpp"
#include "payload_writer.hpp"
#include <cosmo/payload.hpp>

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include <array>
#include <memory>
#include <tuple>

namespace cosmo {

namespace fields {

bool write(json_writer& out, const std::vector<std::string>& x) {
  if (!out.open('['))
    return false;
  for (size_t i = 0; i < x.size(); ++i) {
    if (i > 0)
      out.raw(",");
    if (!out.string(x[i]))
      return out.under(i);
  }
  out.close(']');
  return true;
}

} // namespace fields

namespace {

template <class P>
const P& as(const void* payload) noexcept {
  return *static_cast<const P*>(payload);
}

template <class P>
json to_json(const void* payload) {
  const auto& x = as<P>(payload);
  json result(json::value_t::object);
  std::apply(
    [&](const auto&... fd) {
      (fields::add_field(result, x, fd, fd.name), ...);
      (fields::add_field(result, x, fd, fd.mirror), ...);
    },
    P::fields());
  return result;
}

template <class P>
caf::expected<const void*> from_json(const json& object) {
  auto result = std::make_unique<P>();
  fields::misfit why;
  const auto ok = std::apply(
    [&](const auto&... fd) {
      return (fields::read_field(object, fd, *result, why) && ...);
    },
    P::fields());
  if (!ok)
    return make_error(ec::bad_field_type, fields::describe(why));
  return static_cast<const void*>(result.release());
}

template <class P>
bool write(json_writer& out, const void* payload) {
  const auto& x = as<P>(payload);
  if (!out.open('{'))
    return false;
  const auto ok = std::apply(
    [&](const auto&... fd) {
      return (fields::write_field(out, x, fd, fd.name) && ...)
             && (fields::write_field(out, x, fd, fd.mirror) && ...);
    },
    P::fields());
  if (!ok)
    return false;
  out.close('}');
  return true;
}

template <class P>
bool save(caf::binary_serializer& sink, const void* payload) {
  // Inspectors that save do not change what they are given.
  return sink.apply(const_cast<P&>(as<P>(payload)));
}

template <class P>
const void* load(caf::binary_deserializer& source) {
  auto result = std::make_unique<P>();
  return source.apply(*result) ? result.release() : nullptr;
}

template <class P>
void destroy(const void* payload) noexcept {
  delete static_cast<const P*>(payload);
}

template <class P>
void find_misfits(const json& object, std::vector<std::string>& findings) {
  std::apply(
    [&](const auto&... fd) {
      (fields::find_misfit(object, fd, findings), ...);
    },
    P::fields());
}

template <class P>
json schema() {
  json properties(json::value_t::object);
  json required(json::value_t::array);
  std::apply(
    [&](const auto&... fd) {
      (fields::add_to_schema(properties, required, fd), ...);
      (fields::add_mirror_to_schema(properties, fd), ...);
    },
    P::fields());
  return {{"title", to_string(P::type)},
          {"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", true}};
}

template <class... Ps>
constexpr std::array<payload_codec, sizeof...(Ps)>
make_table(payload_list<Ps...>) {
  return {payload_codec{to_json<Ps>, from_json<Ps>, write<Ps>, save<Ps>,
                        load<Ps>, destroy<Ps>, find_misfits<Ps>,
                        schema<Ps>}...};
}

constexpr auto table = make_table(all_payloads{});

template <class... Ps>
constexpr bool is_in_order(payload_list<Ps...>) {
  size_t position = 0;
  return ((static_cast<size_t>(Ps::type) == position++) && ...);
}

static_assert(is_in_order(all_payloads{}));

} // namespace

const payload_codec& codec_of(signal_type type) noexcept {
  return table[static_cast<size_t>(type)];
}

} // namespace cosmo
