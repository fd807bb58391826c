// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "line_peers.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo::net::test {

/// A conversation on the wire, written down line by line in a file of
/// `tests/net/transcripts`, and played on real sockets.
///
///     # A comment.
///     A connects           to the server under test
///     A joins              as above, and hears the greeting
///     A> {"op":"ping"}     A says this line
///     A< {"op":"pong"}     A hears exactly this line next
///     A<< {"op":"pong"}    A hears this line sooner or later
///     A settles            all before is done, and A has heard no more
///     A closes             the server has noticed, and A has heard no more
///     A hears the end      the server hangs up
///     S accepts            the scripted server S takes its next client
///     (the worker starts)  the test does what it calls so
///
/// `<name>` stands for some text the first time that it is heard, as short as
/// it can be, and for the same text from then on. Who is still there at the end
/// settles.
class transcript {
public:
  /// Those of a folder, sorted.
  static std::vector<std::string> paths(std::string_view folder);

  /// @param path within the folder of transcripts, without the extension.
  explicit transcript(std::string_view path);

  /// Says what the test does where the conversation has this in parentheses.
  void when(std::string direction, std::function<void()> act);

  /// Plays it with the server that listens there. Throws what went wrong, and
  /// where; nobody is waited for longer than `patience`.
  void play(uint16_t port);

  /// As above, but S speaks for the server.
  void play(scripted_server& server);

private:
  void play_all();

  void play_line(std::string_view line);

  void act(std::string_view who, std::string_view what);

  void say(std::string_view who, std::string_view text);

  std::string next_line(std::string_view who);

  void hear(std::string_view who, std::string_view expected);

  void hear_at_last(std::string_view who, std::string_view expected);

  void check(std::string_view expected, std::string_view heard);

  /// Takes what has been heard for what was expected of it.
  bool matches(std::string_view expected, std::string_view heard);

  std::string filled_in(std::string_view text) const;

  line_client& client(std::string_view who);

  std::string path_;
  std::map<std::string, std::function<void()>, std::less<>> directions_;
  std::map<std::string, line_client, std::less<>> clients_;
  std::map<std::string, std::string, std::less<>> texts_;
  uint16_t port_ = 0;
  scripted_server* server_ = nullptr;
};

} // namespace cosmo::net::test
