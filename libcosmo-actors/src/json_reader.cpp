// SPDX-License-Identifier: Apache-2.0
#include "json_reader.hpp"

#include <cosmo/text_scan.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <numeric>

namespace cosmo {

namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

void append_utf8(std::string& out, unsigned code_point) {
  auto byte = [&out](unsigned bits) { out += static_cast<char>(bits); };
  auto tail
    = [&](unsigned shift) { byte(0x80 | ((code_point >> shift) & 0x3F)); };
  if (code_point < 0x80) {
    byte(code_point);
  } else if (code_point < 0x800) {
    byte(0xC0 | (code_point >> 6));
    tail(0);
  } else if (code_point < 0x10000) {
    byte(0xE0 | (code_point >> 12));
    tail(6);
    tail(0);
  } else {
    byte(0xF0 | (code_point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_high_surrogate(unsigned unit) noexcept {
  return unit >= 0xD800 && unit <= 0xDBFF;
}

bool is_low_surrogate(unsigned unit) noexcept {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

// Whether a number that does not fit a double is too small rather than too
// large: the decimal exponent of its first significant digit tells.
bool is_tiny(std::string_view number) noexcept {
  int64_t exponent = 0;
  auto mantissa = number;
  if (auto e = number.find_first_of("eE"); e != std::string_view::npos) {
    mantissa = number.substr(0, e);
    auto digits = number.substr(e + 1);
    const auto negative = digits.front() == '-';
    if (!is_digit(digits.front()))
      digits.remove_prefix(1);
    // The mantissa cannot make up for more than this: it is shorter.
    exponent = int64_t{1} << 40;
    std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    exponent = negative ? -exponent : exponent;
  }
  const auto dot = std::min(mantissa.find('.'), mantissa.size());
  const auto first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos)
    return true;
  const auto place = static_cast<int64_t>(dot) - static_cast<int64_t>(first);
  return place + exponent < 0;
}

} // namespace

json_reader::json_reader(std::string_view text, size_t depth_max)
  : begin_(text.data()),
    pos_(text.data()),
    end_(text.data() + text.size()),
    depth_max_(depth_max) {
  // nop
}

// -- values --------------------------------------------------------------------

bool json_reader::read_value(json& out) {
  switch (peek()) {
    case '{':
      return read_object(out);
    case '[':
      return read_array(out);
    case '"':
      out = json(json::value_t::string);
      return read_string(*out.get_ptr<json::string_t*>());
    case 't':
      return read_word("true", true, out);
    case 'f':
      return read_word("false", false, out);
    case 'n':
      return read_word("null", nullptr, out);
    default:
      return read_number(out);
  }
}

bool json_reader::read_object(json& out) {
  const auto first = members_.size();
  auto read_member = [this](std::string_view key) {
    // Not in place: reading the value may move the other members.
    std::string name{key};
    json value;
    if (!read_value(value))
      return false;
    members_.emplace_back(std::move(name), std::move(value));
    return true;
  };
  if (!for_each_member(read_member))
    return false;
  collapse_duplicates(first);
  out = json(json::value_t::object);
  json::object_t::Container& members = out.get_ref<json::object_t&>();
  members.reserve(members_.size() - first);
  for (auto i = first; i < members_.size(); ++i)
    members.emplace_back(std::move(members_[i].first),
                         std::move(members_[i].second));
  members_.resize(first);
  return true;
}

bool json_reader::read_array(json& out) {
  const auto first = elements_.size();
  auto read_element = [this] {
    json value;
    if (!read_value(value))
      return false;
    elements_.emplace_back(std::move(value));
    return true;
  };
  if (!for_each_element(read_element))
    return false;
  const auto begin = elements_.begin() + static_cast<std::ptrdiff_t>(first);
  out = json::array_t{std::make_move_iterator(begin),
                      std::make_move_iterator(elements_.end())};
  elements_.resize(first);
  return true;
}

bool json_reader::read_word(std::string_view word, json value, json& out) {
  const auto left = static_cast<size_t>(end_ - pos_);
  if (std::string_view{pos_, left}.substr(0, word.size()) != word)
    return malformed("no JSON value");
  pos_ += word.size();
  out = std::move(value);
  return true;
}

// -- numbers -------------------------------------------------------------------

bool json_reader::read_number(json& out) {
  const auto first = pos_;
  const auto negative = pos_ != end_ && *pos_ == '-';
  pos_ += negative ? 1 : 0;
  if (pos_ == end_ || !is_digit(*pos_)) {
    pos_ = first;
    return malformed("no JSON value");
  }
  const auto digits = pos_;
  uint64_t value = 0;
  while (pos_ != end_ && is_digit(*pos_))
    value = value * 10 + static_cast<uint64_t>(*pos_++ - '0');
  const auto count = pos_ - digits;
  if (count > 1 && *digits == '0') {
    pos_ = first;
    return malformed("a number with a leading zero");
  }
  if (pos_ != end_ && (*pos_ == '.' || *pos_ == 'e' || *pos_ == 'E'))
    return read_real(out, first);
  // Nineteen digits always fit; anything longer is left to the exact reader.
  if (count > 19) {
    auto exact = std::from_chars(digits, pos_, value);
    if (exact.ec != std::errc{})
      return read_real(out, first);
  }
  if (!negative) {
    out = value;
    return true;
  }
  if (value > uint64_t{1} << 63)
    return read_real(out, first);
  // Negated as unsigned, because the smallest integer has no positive twin.
  out = value == 0 ? json(uint64_t{0}) : json(static_cast<int64_t>(0 - value));
  return true;
}

bool json_reader::read_real(json& out, const char* first) {
  auto digits = [this] {
    const auto start = pos_;
    while (pos_ != end_ && is_digit(*pos_))
      ++pos_;
    return pos_ != start;
  };
  if (pos_ != end_ && *pos_ == '.') {
    ++pos_;
    if (!digits())
      return malformed("a number without digits after its point");
  }
  if (pos_ != end_ && (*pos_ == 'e' || *pos_ == 'E')) {
    ++pos_;
    if (pos_ != end_ && (*pos_ == '+' || *pos_ == '-'))
      ++pos_;
    if (!digits())
      return malformed("a number without digits in its exponent");
  }
  double value = 0.0;
  auto result = std::from_chars(first, pos_, value);
  if (result.ec == std::errc::result_out_of_range) {
    if (!is_tiny(since(first))) {
      pos_ = first;
      return malformed("a number beyond the range of a double");
    }
    value = *first == '-' ? -0.0 : 0.0;
  }
  out = value;
  return true;
}

// -- strings -------------------------------------------------------------------

bool json_reader::read_string(std::string& out) {
  if (peek() != '"')
    return malformed("no string");
  const auto first = ++pos_;
  pos_ = find_special(pos_, end_);
  out.assign(first, pos_);
  if (pos_ != end_ && *pos_ == '"') {
    ++pos_;
    return true;
  }
  return finish_string(out);
}

bool json_reader::read_string(std::string_view& out, std::string& buffer) {
  if (peek() != '"')
    return malformed("no string");
  const auto first = ++pos_;
  pos_ = find_special(pos_, end_);
  if (pos_ != end_ && *pos_ == '"') {
    out = since(first);
    ++pos_;
    return true;
  }
  buffer.assign(first, pos_);
  if (!finish_string(buffer))
    return false;
  out = buffer;
  return true;
}

// Goes on after the plain part of a string.
bool json_reader::finish_string(std::string& out) {
  while (pos_ != end_) {
    if (*pos_ == '"') {
      ++pos_;
      return true;
    }
    if (*pos_ == '\\') {
      if (!read_escape(out))
        return false;
    } else {
      const auto length = utf8_length(pos_, end_);
      if (length == 0)
        return malformed("invalid UTF-8");
      if (length == 1)
        return malformed("a control character in a string");
      out.append(pos_, length);
      pos_ += length;
    }
    const auto first = pos_;
    pos_ = find_special(pos_, end_);
    out.append(first, pos_);
  }
  return malformed("a string without end");
}

bool json_reader::read_escape(std::string& out) {
  constexpr std::string_view letters = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  ++pos_;
  if (pos_ == end_)
    return malformed("a string without end");
  const auto letter = *pos_++;
  if (letter == 'u')
    return read_code_point(out);
  const auto index = letters.find(letter);
  if (index == std::string_view::npos) {
    --pos_;
    return malformed("an unknown escape");
  }
  out += meanings[index];
  return true;
}

bool json_reader::read_code_point(std::string& out) {
  auto lone_surrogate = [this, first = pos_ - 2] {
    pos_ = first;
    return malformed("a lone surrogate");
  };
  unsigned unit = 0;
  if (!read_hex(unit))
    return false;
  if (is_low_surrogate(unit))
    return lone_surrogate();
  if (is_high_surrogate(unit)) {
    unsigned low = 0;
    if (end_ - pos_ < 2 || pos_[0] != '\\' || pos_[1] != 'u')
      return lone_surrogate();
    pos_ += 2;
    if (!read_hex(low))
      return false;
    if (!is_low_surrogate(low))
      return lone_surrogate();
    unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
  }
  append_utf8(out, unit);
  return true;
}

bool json_reader::read_hex(unsigned& out) {
  const auto last = end_ - pos_ < 4 ? end_ : pos_ + 4;
  auto result = std::from_chars(pos_, last, out, 16);
  if (result.ptr != pos_ + 4)
    return malformed("an escape without four hex digits");
  pos_ += 4;
  return true;
}

// -- containers ----------------------------------------------------------------

bool json_reader::enter(char opening) {
  if (peek() != opening)
    return malformed("no container");
  if (++depth_ > depth_max_)
    return fail(ec::too_deep, "more than " + std::to_string(depth_max_)
                                + " nested containers");
  ++pos_;
  return true;
}

bool json_reader::leave(char closing) {
  if (!take(closing))
    return malformed(closing == '}' ? "neither comma nor brace"
                                    : "neither comma nor bracket");
  --depth_;
  return true;
}

bool json_reader::read_key(std::string_view& key, std::string& buffer) {
  if (peek() != '"')
    return malformed("no key");
  if (!read_string(key, buffer))
    return false;
  return take(':') || malformed("no colon");
}

void json_reader::collapse_duplicates(size_t first) {
  constexpr size_t few = 16;
  if (members_.size() - first <= few)
    collapse_few(first);
  else
    collapse_many(first);
}

void json_reader::collapse_few(size_t first) {
  for (auto i = first + 1; i < members_.size(); ++i) {
    const auto begin = members_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto here = members_.begin() + static_cast<std::ptrdiff_t>(i);
    const auto twin = std::find_if(begin, here, [&](const member& other) {
      return other.first == here->first;
    });
    if (twin != here) {
      twin->second = std::move(here->second);
      members_.erase(here);
      --i;
    }
  }
}

// Sorting has no bad case that a sender could construct, unlike a hash table.
void json_reader::collapse_many(size_t first) {
  std::vector<size_t> order(members_.size() - first);
  std::iota(order.begin(), order.end(), first);
  std::sort(order.begin(), order.end(), [this](size_t lhs, size_t rhs) {
    const auto cmp = members_[lhs].first.compare(members_[rhs].first);
    return cmp != 0 ? cmp < 0 : lhs < rhs;
  });
  std::vector<bool> dead(members_.size(), false);
  auto kept = order.front();
  for (size_t i = 1; i < order.size(); ++i) {
    if (members_[order[i]].first == members_[kept].first) {
      members_[kept].second = std::move(members_[order[i]].second);
      dead[order[i]] = true;
    } else {
      kept = order[i];
    }
  }
  auto size = first;
  for (auto i = first; i < members_.size(); ++i) {
    if (dead[i])
      continue;
    if (size != i)
      members_[size] = std::move(members_[i]);
    ++size;
  }
  members_.resize(size);
}

bool json_reader::finish() {
  peek();
  return pos_ == end_ || malformed("text after the value");
}

// -- failing -------------------------------------------------------------------

bool json_reader::fail(ec code, std::string_view what) {
  if (fault_)
    return false;
  std::string text{what};
  text += " at byte ";
  text += std::to_string(pos_ - begin_);
  if (pos_ == end_) {
    text += ", where the text ends";
  } else {
    text += ": `";
    text += excerpt({pos_, static_cast<size_t>(end_ - pos_)});
    text += '`';
  }
  fault_ = make_error(code, std::move(text));
  return false;
}

} // namespace cosmo
