// SPDX-License-Identifier: Apache-2.0
#include <cosmo/json.hpp>
#include <cosmo/text_scan.hpp>
#include <cosmo/timestamp.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>

namespace cosmo {

namespace {

using namespace std::chrono;

// Above this an epoch counts milliseconds.
constexpr int64_t milliseconds_from = 20'000'000'000;

caf::error refuse(std::string_view text) {
  return make_error(ec::bad_timestamp,
                    "`" + excerpt(text) + "` is no accepted instant");
}

caf::expected<timestamp> in_range(microseconds since_epoch,
                                  std::string_view text) {
  const timestamp result{since_epoch};
  if (result < timestamp_min || result > timestamp_max)
    return make_error(ec::bad_timestamp,
                      "`" + excerpt(text) + "` is outside the years 1 to 9999");
  return result;
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

void append_digits(std::string& out, unsigned value, size_t width) {
  char buffer[8];
  for (auto i = width; i-- > 0; value /= 10)
    buffer[i] = static_cast<char>('0' + value % 10);
  out.append(buffer, width);
}

// Reads the parts of a date-time one after the other.
class scanner {
public:
  explicit scanner(std::string_view text) : rest_(text) {
    // nop
  }

  bool done() const noexcept {
    return rest_.empty();
  }

  bool take_any(std::string_view chars) noexcept {
    if (rest_.empty() || chars.find(rest_.front()) == std::string_view::npos)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool take_number(size_t width, unsigned& out) noexcept {
    if (rest_.size() < width)
      return false;
    out = 0;
    for (size_t i = 0; i < width; ++i) {
      if (!is_digit(rest_[i]))
        return false;
      out = out * 10 + static_cast<unsigned>(rest_[i] - '0');
    }
    rest_.remove_prefix(width);
    return true;
  }

  // At least one digit; those beyond the sixth are cut off.
  bool take_fraction(unsigned& micros) noexcept {
    size_t count = 0;
    micros = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count)
      if (count < 6)
        micros = micros * 10 + static_cast<unsigned>(rest_[count] - '0');
    for (auto i = count; i < 6; ++i)
      micros *= 10;
    rest_.remove_prefix(count);
    return count > 0;
  }

private:
  std::string_view rest_;
};

bool scan_date(scanner& in, sys_days& out) {
  unsigned y = 0;
  unsigned m = 0;
  unsigned d = 0;
  if (!in.take_number(4, y) || !in.take_any("-") || !in.take_number(2, m)
      || !in.take_any("-") || !in.take_number(2, d))
    return false;
  const year_month_day date{year{static_cast<int>(y)}, month{m}, day{d}};
  if (y == 0 || !date.ok())
    return false;
  out = date;
  return true;
}

bool scan_time(scanner& in, microseconds& out) {
  unsigned h = 0;
  unsigned m = 0;
  unsigned s = 0;
  unsigned us = 0;
  if (!in.take_number(2, h) || !in.take_any(":") || !in.take_number(2, m))
    return false;
  if (in.take_any(":")) {
    if (!in.take_number(2, s))
      return false;
    if (in.take_any(".,") && !in.take_fraction(us))
      return false;
  }
  out = hours{h} + minutes{m} + seconds{s} + microseconds{us};
  return h < 24 && m < 60 && s < 60;
}

bool scan_zone(scanner& in, minutes& out) {
  out = minutes{0};
  if (in.done() || in.take_any("Zz"))
    return true;
  const auto east = in.take_any("+");
  if (!east && !in.take_any("-"))
    return false;
  unsigned h = 0;
  unsigned m = 0;
  if (!in.take_number(2, h))
    return false;
  in.take_any(":");
  if (!in.take_number(2, m) || h > 23 || m > 59)
    return false;
  out = east ? hours{h} + minutes{m} : -(hours{h} + minutes{m});
  return true;
}

// [sign] digits, at most one point among them.
bool is_decimal(std::string_view text) noexcept {
  if (!text.empty() && (text.front() == '-' || text.front() == '+'))
    text.remove_prefix(1);
  size_t digits = 0;
  size_t points = 0;
  for (auto c : text) {
    if (is_digit(c))
      ++digits;
    else if (c == '.')
      ++points;
    else
      return false;
  }
  return digits > 0 && points <= 1;
}

caf::expected<timestamp> parse_epoch(std::string_view text) {
  auto number = text;
  if (number.front() == '+')
    number.remove_prefix(1);
  const auto end = number.data() + number.size();
  if (number.find('.') == std::string_view::npos) {
    int64_t value = 0;
    if (std::from_chars(number.data(), end, value).ec != std::errc{})
      return refuse(text);
    return timestamp_from_epoch(value);
  }
  double value = 0.0;
  if (std::from_chars(number.data(), end, value).ec != std::errc{})
    return refuse(text);
  return timestamp_from_epoch(value);
}

} // namespace

void append_timestamp(std::string& out, timestamp ts) {
  const auto date = floor<days>(ts);
  const year_month_day ymd{date};
  const hh_mm_ss time{ts - date};
  append_digits(out, static_cast<unsigned>(static_cast<int>(ymd.year())), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(ymd.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(ymd.day()), 2);
  out += 'T';
  append_digits(out, static_cast<unsigned>(time.hours().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(time.minutes().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(time.seconds().count()), 2);
  if (const auto us = time.subseconds().count(); us != 0) {
    out += '.';
    append_digits(out, static_cast<unsigned>(us), 6);
  }
  out += 'Z';
}

std::string to_string(timestamp ts) {
  std::string result;
  append_timestamp(result, ts);
  return result;
}

caf::expected<timestamp> parse_timestamp(std::string_view text) {
  if (is_decimal(text))
    return parse_epoch(text);
  scanner in{text};
  sys_days date;
  microseconds time{0};
  minutes offset{0};
  if (!scan_date(in, date))
    return refuse(text);
  if (!in.done()
      && (!in.take_any("Tt _") || !scan_time(in, time) || !scan_zone(in, offset)
          || !in.done()))
    return refuse(text);
  return in_range(date.time_since_epoch() + time - offset, text);
}

caf::expected<timestamp> timestamp_from_epoch(double value) {
  const auto text = std::to_string(value);
  constexpr auto limit = static_cast<double>(milliseconds_from);
  const auto scale = std::abs(value) > limit ? 1e3 : 1e6;
  const auto micros = std::round(value * scale);
  // Also false for what is not a number.
  if (!(std::abs(micros) < 1e18))
    return refuse(text);
  return in_range(microseconds{static_cast<int64_t>(micros)}, text);
}

caf::expected<timestamp> timestamp_from_epoch(int64_t value) {
  const auto text = std::to_string(value);
  // Far beyond the year 9999 in milliseconds, and far from overflow.
  constexpr int64_t absurd = 1'000'000'000'000'000;
  if (value > absurd || value < -absurd)
    return refuse(text);
  const auto is_ms = value > milliseconds_from || value < -milliseconds_from;
  const auto scale = is_ms ? 1'000 : 1'000'000;
  return in_range(microseconds{value * scale}, text);
}

caf::expected<timestamp> timestamp_from_json(const json& value) {
  if (const auto* text = value.get_ptr<const json::string_t*>())
    return parse_timestamp(*text);
  const auto* natural = value.get_ptr<const json::number_unsigned_t*>();
  // Integers that need the 64th bit are out of range in any unit.
  if (value.is_number_float() || (natural && *natural >> 63 != 0))
    return timestamp_from_epoch(value.get<double>());
  if (value.is_number_integer())
    return timestamp_from_epoch(value.get<int64_t>());
  return make_error(ec::bad_field_type,
                    "expected a date-time or an epoch, found `"
                      + excerpt(json_to_wire(value)) + '`');
}

} // namespace cosmo
