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
    for (pos_ = find_special(pos_, end_); pos_ != end_;
         pos_ = find_special(pos_, end_)) {
      if (*pos_ == '"') {
        out = {first, static_cast<size_t>(pos_ - first)};
        ++pos_;
        return true;
      }
      if (*pos_ != '\\' || !skip_escape())
        return false;
      escaped = true;
    }
    return false;
  }

private:
  void skip_space() {
    while (pos_ != end_ && (*pos_ == ' ' || *pos_ == '\t' || *pos_ == '\r'))
      ++pos_;
  }

  bool skip_escape() {
    if (end_ - pos_ < 2)
      return false;
    switch (pos_[1]) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        pos_ += 2;
        return true;
      case 'u':
        // Halves of pairs are for the thorough reader.
        if (end_ - pos_ < 6 || pos_[2] == 'd' || pos_[2] == 'D')
          return false;
        for (auto i = 2; i < 6; ++i)
          if (std::string_view{"0123456789abcdefABCDEF"}.find(pos_[i])
              == std::string_view::npos)
            return false;
        pos_ += 6;
        return true;
      default:
        return false;
    }
  }

  const char* pos_;
  const char* end_;
};

std::string_view* member(wire_traffic& line, std::string_view key) {
  if (key == "op")
    return &line.op;
  if (key == "subject")
    return &line.subject;
  if (key == "frame")
    return &line.frame;
  if (key == "sub_id")
    return &line.sub_id;
  return nullptr;
}

} // namespace

bool read_traffic(std::string_view line, wire_traffic& out) {
  out = {};
  scanner at{line};
  if (!at.skip('{'))
    return false;
  do {
    std::string_view key;
    auto odd = false;
    if (!at.string(key, odd) || odd || !at.skip(':'))
      return false;
    auto place = member(out, key);
    if (!place || !at.string(*place, odd) || (odd && place != &out.frame))
      return false;
  } while (at.skip(','));
  if (!at.skip('}') || !at.at_end() || out.subject.empty()
      || out.frame.data() == nullptr)
    return false;
  return out.op == "pub" || (out.op == "msg" && !out.sub_id.empty());
}

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

size_t size_of_msg(std::string_view sub_id, std::string_view subject,
                   std::string_view frame) noexcept {
  return msg_1.size() + sub_id.size() + msg_2.size() + subject.size()
         + frame_1.size() + frame.size() + last.size();
}

std::string wire_line(const json& members) {
  return members.dump(-1, ' ', true, json::error_handler_t::replace) + '\n';
}

} // namespace cosmo::net
