// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "neuron_samples.hpp"
#include "scratch_folder.hpp"
#include <cosmo/engram_backend.hpp>
#include <cosmo/engram_options.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cosmo {

/// Lets checks print what they compare.
std::ostream& operator<<(std::ostream& out, const rollback_report& x);

} // namespace cosmo

namespace cosmo::test {

/// A clock that stands at noon, and ids that are always the same.
struct test_world {
  std::shared_ptr<manual_clock> clock = std::make_shared<manual_clock>(noon);
  world outside = world::seeded(1, clock);
};

/// A write with little to say.
struct edit {
  std::string op = "append";
  json entry = json::object();
  std::string key = {};
  std::string trace = {};
  std::string imprint_id = {};
};

/// Speaks to a connected backend in few words. Each write is a microsecond
/// later than the one before.
class engram_user {
public:
  engram_user(engram_backend& own, test_world& outside)
    : own_(own), outside_(outside) {
    // nop
  }

  /// Fails the test if the backend breaks.
  imprint_receipt tell(const edit& what);

  std::vector<imprint_receipt> tell_all(const std::vector<edit>& what);

  /// As above, without a time of its own.
  imprint_request request(const edit& what) const;

  recall_finds ask(json query = json::object(), json filters = json::object());

  /// The contents of what was found, in order, as one text.
  std::string contents(json query = json::object(),
                       json filters = json::object());

  /// The content under that key; `none` if there is none.
  std::string at_key(const std::string& key);

  /// One step of a rollback.
  rollback_report step(const std::string& trace,
                       const std::string& stop = "evt_stop");

  /// A whole one, stamped now.
  rollback_report roll_back(const std::string& trace,
                            const std::string& stop = "evt_stop");

  void advance(std::chrono::microseconds by) {
    outside_.clock->advance(by);
  }

  timestamp now() const {
    return outside_.clock->now();
  }

private:
  engram_backend& own_;
  test_world& outside_;
};

/// An upsert of a content.
edit put(json content, std::string trace = {}, std::string key = "k");

/// All that can be seen, but for what an undo is meant to move on.
std::string picture(engram_user& user);

/// Runs the test that asks for it once with each backend.
class any_engram {
public:
  explicit any_engram(const engram_rules& rules = {});

  engram_backend* operator->() const noexcept {
    return own_.get();
  }

  engram_backend& operator*() const noexcept {
    return *own_;
  }

  engram_user user() {
    return {*own_, outside_};
  }

  test_world& outside() noexcept {
    return outside_;
  }

  /// What a new process finds; nothing happens to what lives in memory only.
  void restart();

private:
  scratch_folder folder_;
  test_world outside_;
  bool in_file_ = false;
  std::unique_ptr<engram_backend> own_;
};

/// `ok`, or what the receipt says against it.
std::string said(const imprint_receipt& receipt);

/// Up to the first colon.
std::string token_of(const imprint_receipt& receipt);

} // namespace cosmo::test
