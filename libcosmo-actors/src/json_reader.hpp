// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cosmo {

/// Reads one JSON text in a single pass, by the codec's rules: valid UTF-8, no
/// extensions, bounded depth, the last of duplicate keys wins in the position
/// of the first.
///
/// The caller pulls: it asks what comes next, takes scalars directly and lets
/// only those parts become a `json` that it wants to keep. Functions return
/// false on the first fault, which `fault` then describes.
/// @source signals.md sections 3 and 17; doc/decisions/001-envelope-codec.md
class json_reader {
public:
  json_reader(std::string_view text, size_t depth_max);

  // -- looking ahead ----------------------------------------------------------

  /// The first character of what comes next, or NUL at the end of the text.
  char peek() noexcept {
    while (pos_ != end_ && is_space(*pos_))
      ++pos_;
    return pos_ != end_ ? *pos_ : '\0';
  }

  /// Where the next character stands.
  const char* position() const noexcept {
    return pos_;
  }

  /// The text from `first` up to here.
  std::string_view since(const char* first) const noexcept {
    return {first, static_cast<size_t>(pos_ - first)};
  }

  // -- values -----------------------------------------------------------------

  bool read_value(json& out);

  bool read_string(std::string& out);

  /// Reads a string without copying it unless it holds escapes, which end up in
  /// `buffer`.
  bool read_string(std::string_view& out, std::string& buffer);

  bool skip_value() {
    json ignored;
    return read_value(ignored);
  }

  /// Checks that nothing but white space is left.
  bool finish();

  // -- containers -------------------------------------------------------------

  /// Calls `fn(key)` for each member of the object that comes next; `fn` reads
  /// the value and returns false on a fault.
  template <class Fn>
  bool for_each_member(Fn&& fn) {
    if (!enter('{'))
      return false;
    if (peek() != '}') {
      do {
        std::string_view key;
        std::string buffer;
        if (!read_key(key, buffer) || !fn(key))
          return false;
      } while (take(','));
    }
    return leave('}');
  }

  /// Calls `fn()` for each element of the array that comes next.
  template <class Fn>
  bool for_each_element(Fn&& fn) {
    if (!enter('['))
      return false;
    if (peek() != ']') {
      do {
        if (!fn())
          return false;
      } while (take(','));
    }
    return leave(']');
  }

  // -- failing ----------------------------------------------------------------

  bool failed() const noexcept {
    return static_cast<bool>(fault_);
  }

  const caf::error& fault() const noexcept {
    return fault_;
  }

private:
  using member = std::pair<std::string, json>;

  static bool is_space(char c) noexcept {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
  }

  bool take(char c) noexcept {
    if (peek() != c)
      return false;
    ++pos_;
    return true;
  }

  bool enter(char opening);
  bool leave(char closing);
  bool read_key(std::string_view& key, std::string& buffer);

  bool read_object(json& out);
  bool read_array(json& out);
  bool read_number(json& out);
  bool read_real(json& out, const char* first);
  bool read_word(std::string_view word, json value, json& out);

  bool finish_string(std::string& out);
  bool read_escape(std::string& out);
  bool read_code_point(std::string& out);
  bool read_hex(unsigned& out);

  void collapse_duplicates(size_t first);
  void collapse_few(size_t first);
  void collapse_many(size_t first);

  bool fail(ec code, std::string_view what);

  bool malformed(std::string_view what) {
    return fail(ec::malformed_json, what);
  }

  const char* begin_;
  const char* pos_;
  const char* end_;
  size_t depth_ = 0;
  size_t depth_max_;
  caf::error fault_;
  // Members and elements of containers that are not closed yet. Collecting them
  // here gives each container its exact size: growing an ordered_map copies
  // keys and, because of that, whole values.
  std::vector<member> members_;
  std::vector<json> elements_;
};

} // namespace cosmo
