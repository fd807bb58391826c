// SPDX-License-Identifier: Apache-2.0
#include "transcript.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <utility>

namespace cosmo::net::test {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view greeting
  = R"({"op":"welcome","server":"cosmonapse-cpp/<version>","max_line":<max_line>})";

constexpr std::string_view scripted = "S";

/// The name of a placeholder at the front of `text`, which is taken off.
std::optional<std::string_view> take_name(std::string_view& text) {
  if (!text.starts_with('<'))
    return std::nullopt;
  auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_", 1);
  if (end == text.npos || end == 1 || text[end] != '>')
    return std::nullopt;
  auto result = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  return result;
}

[[noreturn]] void fail(const std::string& why) {
  throw std::runtime_error{why};
}

} // namespace

std::vector<std::string> transcript::paths(std::string_view folder) {
  std::vector<std::string> result;
  for (auto& file :
       fs::directory_iterator{fs::path{COSMO_TRANSCRIPTS} / folder})
    result.push_back(fs::path{folder} / file.path().stem());
  std::ranges::sort(result);
  return result;
}

transcript::transcript(std::string_view path)
  : path_(fs::path{COSMO_TRANSCRIPTS} / path) {
  path_ += ".transcript";
  // nop
}

void transcript::when(std::string direction, std::function<void()> act) {
  directions_.emplace(std::move(direction), std::move(act));
}

void transcript::play(uint16_t port) {
  port_ = port;
  play_all();
}

void transcript::play(scripted_server& server) {
  server_ = &server;
  play_all();
}

void transcript::play_all() {
  std::ifstream file{path_};
  if (!file)
    fail(path_ + ": cannot be read");
  size_t number = 0;
  try {
    for (std::string line; std::getline(file, line);) {
      ++number;
      play_line(line);
    }
    for (auto& [who, peer] : clients_)
      act(who, "settles");
  } catch (const std::exception& error) {
    fail(path_ + ':' + std::to_string(number) + ": " + error.what());
  }
}

// -- lines -----------------------------------------------------------------------

void transcript::play_line(std::string_view line) {
  if (line.empty() || line.starts_with('#'))
    return;
  if (line.starts_with('(')) {
    auto known = directions_.find(line.substr(1, line.size() - 2));
    if (known == directions_.end())
      fail("the test does not know what to do");
    return known->second();
  }
  auto end = line.find_first_of(" <>");
  auto rest = end == line.npos ? std::string_view{} : line.substr(end);
  auto who = line.substr(0, end);
  if (rest.starts_with("> "))
    say(who, rest.substr(2));
  else if (rest.starts_with("< "))
    hear(who, rest.substr(2));
  else if (rest.starts_with("<< "))
    hear_at_last(who, rest.substr(3));
  else
    act(who, rest.substr(rest.empty() ? 0 : 1));
}

void transcript::act(std::string_view who, std::string_view what) {
  if (what == "accepts" && server_) {
    server_->accept("");
  } else if (what == "connects" || what == "joins") {
    clients_.erase(std::string{who});
    clients_.try_emplace(std::string{who}, port_);
    if (what == "joins")
      hear(who, greeting);
  } else if (what == "settles") {
    client(who).say(R"({"op":"ping"})");
    hear(who, R"({"op":"pong"})");
  } else if (what == "hears the end") {
    check("", who == scripted && server_ ? server_->hear()
                                         : client(who).socket.read_to_end());
  } else if (what == "closes") {
    client(who).socket.end_sending();
    check("", client(who).socket.read_to_end());
    clients_.erase(std::string{who});
  } else {
    fail("no line of a transcript");
  }
}

void transcript::say(std::string_view who, std::string_view text) {
  auto line = filled_in(text);
  if (who == scripted && server_)
    server_->say(line);
  else
    client(who).say(line);
}

std::string transcript::next_line(std::string_view who) {
  return who == scripted && server_ ? server_->hear() : client(who).hear();
}

void transcript::hear(std::string_view who, std::string_view expected) {
  std::string heard;
  try {
    heard = next_line(who);
  } catch (const std::runtime_error& error) {
    fail("\nexpected: " + std::string{expected} + "\nbut " + error.what());
  }
  check(expected, heard);
}

void transcript::hear_at_last(std::string_view who, std::string_view expected) {
  for (std::string heard = next_line(who); !matches(expected, heard);
       heard = next_line(who))
    if (heard.empty())
      fail("\nexpected: " + std::string{expected} + "\nheard the end");
}

void transcript::check(std::string_view expected, std::string_view heard) {
  if (!matches(expected, heard))
    fail("\nexpected: " + std::string{expected}
         + "\nheard:    " + std::string{heard});
}

line_client& transcript::client(std::string_view who) {
  auto known = clients_.find(who);
  if (known == clients_.end())
    fail("nobody there is called " + std::string{who});
  return known->second;
}

// -- placeholders ----------------------------------------------------------------

bool transcript::matches(std::string_view expected, std::string_view heard) {
  auto texts = texts_;
  while (!expected.empty()) {
    auto name = take_name(expected);
    if (!name) {
      if (!heard.starts_with(expected.front()))
        return false;
      expected.remove_prefix(1);
      heard.remove_prefix(1);
      continue;
    }
    auto known = texts.find(*name);
    if (known == texts.end()) {
      auto length
        = expected.empty() ? heard.size() : heard.find(expected.front());
      if (length == 0 || length == heard.npos)
        return false;
      known = texts.emplace(*name, heard.substr(0, length)).first;
    }
    if (!heard.starts_with(known->second))
      return false;
    heard.remove_prefix(known->second.size());
  }
  if (heard.empty())
    texts_ = std::move(texts);
  return heard.empty();
}

std::string transcript::filled_in(std::string_view text) const {
  std::string result;
  while (!text.empty()) {
    if (auto name = take_name(text)) {
      auto known = texts_.find(*name);
      if (known == texts_.end())
        fail("nobody has heard <" + std::string{*name} + "> yet");
      result += known->second;
    } else {
      result += text.front();
      text.remove_prefix(1);
    }
  }
  return result;
}

} // namespace cosmo::net::test
