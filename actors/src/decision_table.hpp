// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "wait_table.hpp"
#include <cosmo/signal.hpp>

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cosmo::actors {

/// Who waits for the answer to a question, and the answers nobody waited for
/// yet. The first answer to a question counts and is taken once.
/// @source dendrite.md sections 9 (steps 5 to 7) and 17.3
template <class Answer>
class decision_table {
public:
  using time_point = typename wait_table<Answer>::time_point;

  /// How many questions are remembered.
  static constexpr size_t capacity = 256;

  /// The type that answers a question, if it is one.
  static std::optional<signal_type> answer_to(signal_type question) {
    switch (question) {
      case signal_type::CLARIFICATION:
        return signal_type::CLARIFICATION_ANSWER;
      case signal_type::PERMISSION:
        return signal_type::PERMISSION_DECISION;
      default:
        return std::nullopt;
    }
  }

  /// Takes the answer that came before anybody waited.
  std::optional<signal> take_early(const signal& question) {
    auto i = seen_.find(key_of(question.id(), *answer_to(question.type())));
    if (i == seen_.end() || !i->second
        || i->second->trace_id() != question.trace_id())
      return std::nullopt;
    return std::exchange(i->second, std::nullopt);
  }

  bool awaited(const std::string& question_id) const {
    return waits_.contains(question_id);
  }

  void await(const signal& question, Answer answer,
             std::optional<time_point> deadline) {
    waits_.add(question.id(),
               {std::move(answer), {*answer_to(question.type())}, deadline});
    traces_.emplace(question.id(), question.trace_id());
  }

  /// Takes an answer. @returns who waits for it.
  std::vector<Answer> decide(const signal& decision) {
    if (!decision.parent_id())
      return {};
    auto& question_id = *decision.parent_id();
    auto asked = traces_.find(question_id);
    if (asked != traces_.end() && asked->second != decision.trace_id())
      return {};
    auto met = waits_.meet(question_id, decision.type());
    auto key = key_of(question_id, decision.type());
    if (!met.empty()) {
      traces_.erase(question_id);
      // What was taken is spent; a later answer must not look like the first.
      remember(key, std::nullopt);
    } else if (!seen_.contains(key)) {
      remember(key, decision);
    }
    return met;
  }

  /// Removes and returns who waits for anything on a trace, which has ended.
  std::vector<Answer> end(const std::string& trace_id) {
    std::vector<Answer> result;
    std::erase_if(traces_, [&](auto& question) {
      if (question.second != trace_id)
        return false;
      for (auto& answer : waits_.take(question.first))
        result.push_back(std::move(answer));
      return true;
    });
    return result;
  }

  std::vector<Answer> take_all() {
    traces_.clear();
    return waits_.take_all();
  }

  std::optional<time_point> next_deadline() const {
    return waits_.next_deadline();
  }

  std::vector<Answer> take_expired(time_point now) {
    auto result = waits_.take_expired(now);
    if (!result.empty())
      std::erase_if(traces_, [this](auto& question) {
        return !waits_.contains(question.first);
      });
    return result;
  }

private:
  /// Whoever answers a question of one kind as if it were the other has not
  /// answered it.
  static std::string key_of(const std::string& question_id,
                            signal_type answer) {
    return question_id + ' ' + std::string{to_string(answer)};
  }

  void remember(std::string key, std::optional<signal> decision) {
    if (!seen_.insert_or_assign(key, std::move(decision)).second)
      return;
    order_.push_back(std::move(key));
    if (order_.size() > capacity) {
      seen_.erase(order_.front());
      order_.pop_front();
    }
  }

  wait_table<Answer> waits_;
  /// The traces of the awaited questions, which are few.
  std::unordered_map<std::string, std::string> traces_;
  /// Answers by question and type; nothing in place of a spent one.
  std::unordered_map<std::string, std::optional<signal>> seen_;
  std::deque<std::string> order_;
};

} // namespace cosmo::actors
