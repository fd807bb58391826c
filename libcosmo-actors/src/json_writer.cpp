// SPDX-License-Identifier: Apache-2.0
#include "json_writer.hpp"

#include <cosmo/text_scan.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

namespace cosmo {

namespace {

template <class T>
void append_integer(std::string& out, T value) {
  char buffer[24];
  const auto result
    = std::to_chars(std::begin(buffer), std::end(buffer), value);
  out.append(buffer, result.ptr);
}

} // namespace

// -- scalars -------------------------------------------------------------------

void json_writer::integer(int64_t value) {
  append_integer(out_, value);
}

void json_writer::natural(uint64_t value) {
  append_integer(out_, value);
}

void json_writer::real(double value) {
  if (!std::isfinite(value)) {
    null();
    return;
  }
  if (std::signbit(value)) {
    out_ += '-';
    value = -value;
  }
  if (value == 0.0) {
    raw("0.0");
    return;
  }
  // Shortest form that reads back the same: d[.ddd]e[+-]dd.
  char buffer[32];
  const auto end = std::to_chars(std::begin(buffer), std::end(buffer), value,
                                 std::chars_format::scientific)
                     .ptr;
  char digits[24];
  size_t count = 0;
  const char* pos = buffer;
  for (; *pos != 'e'; ++pos)
    if (*pos != '.')
      digits[count++] = *pos;
  pos += pos[1] == '+' ? 2 : 1;
  int exponent = 0;
  std::from_chars(pos, end, exponent);
  if (exponent >= -5 && exponent < 16)
    fixed_form({digits, count}, exponent);
  else
    exponent_form({digits, count}, exponent);
}

void json_writer::fixed_form(std::string_view digits, int exponent) {
  const auto whole = static_cast<size_t>(std::max(exponent + 1, 0));
  if (whole == 0) {
    raw("0.");
    out_.append(static_cast<size_t>(-exponent - 1), '0');
    raw(digits);
  } else if (digits.size() > whole) {
    raw(digits.substr(0, whole));
    out_ += '.';
    raw(digits.substr(whole));
  } else {
    raw(digits);
    out_.append(whole - digits.size(), '0');
    raw(".0");
  }
}

void json_writer::exponent_form(std::string_view digits, int exponent) {
  out_ += digits.front();
  if (digits.size() > 1) {
    out_ += '.';
    raw(digits.substr(1));
  }
  raw(exponent < 0 ? "e" : "e+");
  append_integer(out_, exponent);
}

bool json_writer::string(std::string_view value) {
  const auto size = out_.size();
  out_ += '"';
  auto pos = value.data();
  const auto end = pos + value.size();
  for (;;) {
    const auto plain = pos;
    pos = find_special(pos, end);
    // A multi-byte sequence is copied as it is once it is known to be one.
    while (pos != end && static_cast<unsigned char>(*pos) >= 0x80) {
      const auto length = utf8_length(pos, end);
      if (length == 0) {
        out_.resize(size);
        code_ = ec::encode_error;
        what_ = "invalid Unicode in `" + excerpt(value) + '`';
        return false;
      }
      pos += length;
    }
    out_.append(plain, pos);
    if (pos == end)
      break;
    if (*pos < 0x20 || *pos == '"' || *pos == '\\')
      escape(*pos++);
  }
  out_ += '"';
  return true;
}

void json_writer::escape(char c) {
  constexpr std::string_view letters = "\"\\bfnrt";
  constexpr std::string_view meanings = "\"\\\b\f\n\r\t";
  out_ += '\\';
  if (const auto index = meanings.find(c); index != std::string_view::npos) {
    out_ += letters[index];
    return;
  }
  constexpr std::string_view hex = "0123456789abcdef";
  raw("u00");
  out_ += hex[static_cast<unsigned char>(c) >> 4];
  out_ += hex[static_cast<unsigned char>(c) & 15];
}

// -- containers ----------------------------------------------------------------

bool json_writer::value(const json& x) {
  switch (x.type()) {
    case json::value_t::object:
      return object(x);
    case json::value_t::array:
      return array(x);
    case json::value_t::string:
      return string(*x.get_ptr<const json::string_t*>());
    case json::value_t::boolean:
      boolean(*x.get_ptr<const json::boolean_t*>());
      return true;
    case json::value_t::number_integer:
      integer(*x.get_ptr<const json::number_integer_t*>());
      return true;
    case json::value_t::number_unsigned:
      natural(*x.get_ptr<const json::number_unsigned_t*>());
      return true;
    case json::value_t::number_float:
      real(*x.get_ptr<const json::number_float_t*>());
      return true;
    case json::value_t::null:
      null();
      return true;
    default:
      what_ = "a binary value";
      return false;
  }
}

bool json_writer::open(char opening) {
  if (++depth_ > depth_max_) {
    code_ = ec::too_deep;
    what_ = "more than " + std::to_string(depth_max_) + " nested containers";
    return false;
  }
  out_ += opening;
  return true;
}

bool json_writer::object(const json& x) {
  if (!open('{'))
    return false;
  bool first = true;
  for (const auto& [name, member] : *x.get_ptr<const json::object_t*>()) {
    if (!first)
      out_ += ',';
    first = false;
    if (!string(name))
      return under(excerpt(name));
    out_ += ':';
    if (!value(member))
      return under(name);
  }
  close('}');
  return true;
}

bool json_writer::array(const json& x) {
  if (!open('['))
    return false;
  const auto& elements = *x.get_ptr<const json::array_t*>();
  for (size_t i = 0; i < elements.size(); ++i) {
    if (i > 0)
      out_ += ',';
    if (!value(elements[i]))
      return under(i);
  }
  close(']');
  return true;
}

// -- failing -------------------------------------------------------------------

bool json_writer::under(std::string_view key) {
  const auto dot = !path_.empty() && path_.front() != '[';
  path_.insert(0, dot ? "." : "");
  path_.insert(0, excerpt(key));
  return false;
}

bool json_writer::under(size_t index) {
  const auto dot = !path_.empty() && path_.front() != '[';
  path_.insert(0, '[' + std::to_string(index) + (dot ? "]." : "]"));
  return false;
}

caf::error json_writer::fault() const {
  constexpr size_t path_bytes_max = 200;
  if (path_.empty())
    return make_error(code_, what_);
  // Deep nesting makes long paths; the outermost steps identify the value.
  const auto path = path_.size() > path_bytes_max ? excerpt(path_) : path_;
  return make_error(code_, path + ": " + what_);
}

} // namespace cosmo
