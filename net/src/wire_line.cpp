// SPDX-License-Identifier: Apache-2.0
#include "wire_line.hpp"

#include <cosmo/json.hpp>
#include <cosmo/text_scan.hpp>

namespace cosmo::net {

namespace {

constexpr std::string_view pub_1 = R"({"op":"pub","subject":")";
constexpr std::string_view msg_1 = R"({"op":"msg","sub_id":")";
constexpr std::string_view msg_2 = R"(","subject":")";
constexpr std::string_view frame_1 = R"(","frame":")";
constexpr std::string_view last = R"("})";

/// Walks through one line.
class scanner {
public:
  explicit scanner(std::string_view line)
    : pos_(line.data()), end_(line.data() + line.size()) {
    // nop
  }

  bool skip(char mark) {
    skip_space();
    if (pos_ == end_ || *pos_ != mark)
      return false;
    ++pos_;
    return true;
  }

  bool at_end() {
    skip_space();
    return pos_ == end_;
  }

  /// A string of printable ASCII. @param escaped set if it has escapes.
  bool string(std::string_view& out, bool& escaped) {
    if (!skip('"'))
      return false;
    auto first = pos_;
    auto pos = pos_;
    for (;;) {
      pos = find_special(pos, end_);
      if (pos == end_)
        return false;
      if (*pos == '"')
        break;
      escaped = true;
      // Nearly every escape is that of a quote.
      auto is_quote = *pos == '\\' && end_ - pos >= 2 && pos[1] == '"';
      auto length = is_quote ? 2 : escape_length(pos);
      if (length == 0)
        return false;
      pos += length;
    }
    out = {first, static_cast<size_t>(pos - first)};
    pos_ = pos + 1;
    return true;
  }

private:
  void skip_space() {
    while (pos_ != end_ && (*pos_ == ' ' || *pos_ == '\t' || *pos_ == '\r'))
      ++pos_;
  }

  /// 0 if there is none.
  ptrdiff_t escape_length(const char* pos) const {
    if (*pos != '\\' || end_ - pos < 2)
      return 0;
    if (std::string_view{"\"\\/bfnrt"}.find(pos[1]) != std::string_view::npos)
      return 2;
    // Halves of pairs are for the thorough reader.
    if (pos[1] != 'u' || end_ - pos < 6 || pos[2] == 'd' || pos[2] == 'D')
      return 0;
    for (auto i = 2; i < 6; ++i)
      if (std::string_view{"0123456789abcdefABCDEF"}.find(pos[i])
          == std::string_view::npos)
        return 0;
    return 6;
  }

  const char* pos_;
  const char* end_;
};

bool take(std::string_view& line, std::string_view mark) {
  if (!line.starts_with(mark))
    return false;
  line.remove_prefix(mark.size());
  return true;
}

/// Everything before the next quote, of printable ASCII without escapes.
bool take_name(std::string_view& line, std::string_view& out) {
  auto end = line.data() + line.size();
  auto special = find_special(line.data(), end);
  if (special == end || *special != '"')
    return false;
  out = line.substr(0, static_cast<size_t>(special - line.data()));
  line.remove_prefix(out.size());
  return !out.empty();
}

} // namespace

// -- reading -----------------------------------------------------------------------

bool read_pub(std::string_view line, wire_traffic& out) {
  out = {};
  std::string_view op;
  scanner at{line};
  if (!at.skip('{'))
    return false;
  do {
    std::string_view key;
    auto odd = false;
    if (!at.string(key, odd) || odd || !at.skip(':'))
      return false;
    auto place = key == "op"        ? &op
                 : key == "subject" ? &out.subject
                 : key == "frame"   ? &out.frame
                                    : nullptr;
    if (!place || !at.string(*place, odd) || (odd && place != &out.frame))
      return false;
  } while (at.skip(','));
  return at.skip('}') && at.at_end() && op == "pub" && !out.subject.empty()
         && out.frame.data() != nullptr;
}

bool read_msg(std::string_view line, wire_traffic& out) {
  if (!take(line, msg_1) || !take_name(line, out.sub_id) || !take(line, msg_2)
      || !take_name(line, out.subject) || !take(line, frame_1)
      || !line.ends_with(last))
    return false;
  line.remove_suffix(last.size());
  out.frame = line;
  return true;
}

// -- writing -----------------------------------------------------------------------

void append_pub(std::string& out, std::string_view subject,
                std::string_view frame) {
  out.append(pub_1).append(subject).append(frame_1).append(frame).append(last);
  out += '\n';
}

void append_msg(std::string& out, std::string_view sub_id,
                std::string_view subject, std::string_view frame) {
  out.append(msg_1).append(sub_id).append(msg_2).append(subject);
  out.append(frame_1).append(frame).append(last);
  out += '\n';
}

size_t size_of_pub(std::string_view subject, std::string_view frame) noexcept {
  return pub_1.size() + subject.size() + frame_1.size() + frame.size()
         + last.size();
}

size_t size_of_msg(std::string_view sub_id, std::string_view subject,
                   std::string_view frame) noexcept {
  return msg_1.size() + sub_id.size() + msg_2.size() + subject.size()
         + frame_1.size() + frame.size() + last.size();
}

std::string wire_line(const json& members) {
  return members.dump(-1, ' ', true, json::error_handler_t::replace) + '\n';
}

} // namespace cosmo::net
