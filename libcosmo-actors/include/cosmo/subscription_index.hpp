// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cosmo {

/// Finds out who gets a Signal: a trie of patterns, so that the cost grows with
/// the matches and not with the subscriptions, and a memory of recent subjects,
/// so that a steady flow does not even walk the trie.
/// @source synapse-and-cli.md sections 1.3 and 2.3
class subscription_index {
public:
  /// Names one subscription; chosen by the caller.
  using key = size_t;

  subscription_index();
  ~subscription_index();

  /// Adds a subscription, or replaces the one of this key, whose age it keeps.
  /// @param rank comes before all else where members of a group take turns;
  ///        without one it is the first use of the pattern.
  void add(key k, std::string_view pattern, std::optional<std::string> group,
           std::optional<uint64_t> rank = {});

  /// Unknown keys are ignored.
  void remove(key k);

  /// Who gets a Signal on `subject`: everybody without a group, then one member
  /// of each group, by round robin. Valid until the next call.
  const std::vector<key>& select(std::string_view subject);

  size_t size() const noexcept {
    return records_.size();
  }

private:
  struct node;

  struct record {
    std::string pattern;
    std::optional<std::string> group;
    /// Members of a group take turns by rank, then by age.
    uint64_t rank;
    uint64_t age;
    /// Where its key stands in the tree.
    std::vector<key>* place;
    size_t index;
  };

  struct pattern_use {
    /// The age of its first user.
    uint64_t order;
    size_t count;
  };

  struct group_match {
    uint64_t* turn;
    std::vector<key> members;
  };

  struct match {
    std::vector<key> solo;
    std::vector<group_match> groups;
  };

  match find(std::string_view subject);

  void forget_turns();

  const std::vector<key>& choose(const match& found);

  struct string_hash {
    using is_transparent = void;

    size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  template <class T>
  using text_map
    = std::unordered_map<std::string, T, string_hash, std::equal_to<>>;

  std::unique_ptr<node> root_;
  std::unordered_map<key, record> records_;
  text_map<pattern_use> patterns_;
  /// One turn per group name, over all patterns. That of a group without
  /// members is kept as long as there are not too many of them.
  text_map<uint64_t> turns_;
  text_map<match> recent_;
  /// Those in it, over all subjects; meant for when it is not empty.
  size_t recent_keys_ = 0;
  /// Of a subject that is too long to be remembered.
  match unusual_;
  std::vector<key> selected_;
  uint64_t next_age_ = 0;
};

} // namespace cosmo
