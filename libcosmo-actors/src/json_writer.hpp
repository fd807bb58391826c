// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cosmo {

/// Writes compact JSON by the codec's rules, appending to a string.
///
/// Functions return false on the first fault; callers then add where they were
/// with `under`, innermost first, so that the path costs nothing otherwise.
/// @source signals.md section 2, E1 to E5; spec/README.md item 16
class json_writer {
public:
  json_writer(std::string& out, size_t depth_max) noexcept
    : out_(out), depth_max_(depth_max) {
    // nop
  }

  // -- scalars ----------------------------------------------------------------

  /// Copies text that is JSON already.
  void raw(std::string_view text) {
    out_.append(text);
  }

  void null() {
    raw("null");
  }

  void boolean(bool value) {
    raw(value ? "true" : "false");
  }

  void integer(int64_t value);

  void natural(uint64_t value);

  void real(double value);

  bool string(std::string_view value);

  // -- containers -------------------------------------------------------------

  bool value(const json& x);

  bool open(char opening);

  void close(char closing) {
    out_ += closing;
    --depth_;
  }

  /// Separates what comes next from its predecessor in the same container.
  void separate() {
    // Nothing but the container's own opening can stand there, for a member's
    // or element's text never ends in one.
    if (const auto last = out_.back(); last != '{' && last != '[')
      out_ += ',';
  }

  /// Starts a member whose key needs no escapes.
  void key(std::string_view plain) {
    separate();
    out_ += '"';
    out_.append(plain);
    raw("\":");
  }

  // -- failing ----------------------------------------------------------------

  /// Says that the fault happened in member `key`.
  bool under(std::string_view key);

  /// Says that the fault happened in element `index`.
  bool under(size_t index);

  /// What went wrong, with the path of the value.
  caf::error fault() const;

private:
  bool object(const json& x);
  bool array(const json& x);
  void exponent_form(std::string_view digits, int exponent);
  void fixed_form(std::string_view digits, int exponent);
  void escape(char c);

  std::string& out_;
  size_t depth_ = 0;
  size_t depth_max_;
  ec code_ = ec::encode_error;
  std::string what_;
  std::string path_;
};

} // namespace cosmo
