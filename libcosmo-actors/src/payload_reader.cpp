// SPDX-License-Identifier: Apache-2.0
#include "payload_reader.hpp"

#include "json_writer.hpp"
#include <cosmo/limits.hpp>
#include <cosmo/text_scan.hpp>

namespace cosmo::fields {

namespace {

bool wanted(std::string_view what, const json& found, misfit& why) {
  why.wanted = what;
  why.found = &found;
  return false;
}

} // namespace

std::string describe(const misfit& x) {
  auto result = "payload." + x.path + ": expected ";
  result += x.wanted;
  result += ", found `";
  result += excerpt(json_to_wire(*x.found));
  result += '`';
  return result;
}

bool read(const json& in, std::string& out, misfit& why) {
  const auto* text = in.get_ptr<const json::string_t*>();
  if (text == nullptr)
    return wanted("a string", in, why);
  out = *text;
  return true;
}

bool read(const json& in, bool& out, misfit& why) {
  const auto* flag = in.get_ptr<const json::boolean_t*>();
  if (flag == nullptr)
    return wanted("true or false", in, why);
  out = *flag;
  return true;
}

bool read(const json& in, int64_t& out, misfit& why) {
  constexpr auto max = std::numeric_limits<int64_t>::max();
  // JSON numbers that are not negative are held as unsigned ones.
  if (const auto* natural = in.get_ptr<const json::number_unsigned_t*>()) {
    if (*natural > static_cast<uint64_t>(max))
      return wanted("a 64-bit integer", in, why);
    out = static_cast<int64_t>(*natural);
    return true;
  }
  const auto* integer = in.get_ptr<const json::number_integer_t*>();
  if (integer == nullptr)
    return wanted("an integer", in, why);
  out = *integer;
  return true;
}

bool read(const json& in, double& out, misfit& why) {
  if (!in.is_number())
    return wanted("a number", in, why);
  out = in.get<double>();
  return true;
}

bool read(const json& in, std::vector<std::string>& out, misfit& why) {
  if (!in.is_array())
    return wanted("an array of strings", in, why);
  out.clear();
  out.reserve(in.size());
  for (const auto& element : in)
    if (!read(element, out.emplace_back(), why)) {
      why.path = '[' + std::to_string(out.size() - 1) + ']';
      return false;
    }
  return true;
}

bool has_shape(const json& in, shape expected, misfit& why) {
  switch (expected) {
    case shape::string:
      return in.is_string() || wanted("a string", in, why);
    case shape::object:
      return in.is_object() || wanted("an object", in, why);
    case shape::array:
      return in.is_array() || wanted("an array", in, why);
    default:
      return true;
  }
}

} // namespace cosmo::fields
