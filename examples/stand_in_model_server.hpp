// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

/// A model server for those who have no key at hand: it speaks real HTTP, but
/// there is no model behind it. `POST /v1/chat/completions` is answered with a
/// friendly sentence made of the prompt, word by word if `stream` is asked for,
/// anything else with 404.
///
/// It runs on its own thread, on a free port of 127.0.0.1, as long as the
/// object lives.
class stand_in_model_server {
public:
  /// Throws std::runtime_error if it cannot listen.
  stand_in_model_server();

  ~stand_in_model_server();

  /// `http://127.0.0.1:<port>`, without `/v1`
  std::string endpoint() const;

private:
  struct state;

  std::unique_ptr<state> state_;
};
