// SPDX-License-Identifier: Apache-2.0
#include "bus.hpp"
#include "columns.hpp"
#include "commands.hpp"
#include <cosmo/json.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <istream>
#include <memory>
#include <mutex>
#include <ostream>

namespace cosmo::cli {

namespace {

struct answer_options {
  bus_options bus;
  std::string trace;
  bool redispatches = false;
};

/// Questions that wait for the person.
class question_queue {
public:
  void add(signal question) {
    std::lock_guard guard{mutex_};
    questions_.push_back(std::move(question));
    has_news_.notify_one();
  }

  /// The person wants to go.
  void end() {
    std::lock_guard guard{mutex_};
    is_over_ = true;
    has_news_.notify_one();
  }

  bool is_over() const {
    std::lock_guard guard{mutex_};
    return is_over_;
  }

  /// Nothing when it is over: there is nobody to tell an answer, or to give it.
  std::optional<signal> take() {
    std::unique_lock guard{mutex_};
    has_news_.wait(guard, [this] { return is_over_ || !questions_.empty(); });
    if (is_over_)
      return std::nullopt;
    auto result = std::move(questions_.front());
    questions_.pop_front();
    return result;
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable has_news_;
  std::deque<signal> questions_;
  bool is_over_ = false;
};

/// TASKs after which somebody goes on, so that they end with no FINAL: the
/// latest that were seen.
class open_tasks {
public:
  void add(const signal& sig) {
    const auto* task = sig.get_if<payload::task>();
    const auto* award = sig.get_if<payload::task_awarded>();
    if ((task && task->finalize) || (award && award->finalize))
      return;
    std::lock_guard guard{mutex_};
    ids_.emplace_back(sig.id());
    if (ids_.size() > ids_max)
      ids_.pop_front();
  }

  bool contains(std::string_view id) const {
    std::lock_guard guard{mutex_};
    return std::find(ids_.begin(), ids_.end(), id) != ids_.end();
  }

private:
  static constexpr size_t ids_max = 10'000;

  mutable std::mutex mutex_;
  std::deque<std::string> ids_;
};

std::string text_at(const signal& sig, const char* key) {
  const auto& payload = sig.payload();
  const auto i = payload.find(key);
  if (i == payload.end() || i->is_null())
    return {};
  return printable(i->is_string() ? i->get<std::string>() : i->dump());
}

void show(const signal& question, const console& con) {
  auto& out = con.out();
  auto line = [&](std::string name, const std::string& text) {
    if (!text.empty())
      out << "  " << padded(name += ':', 10) << text << '\n';
  };
  out << con.rule() << '\n'
      << con.paint("33", to_string(question.type())) << '\n';
  line("from", printable(question.directed_id()));
  line("trace", printable(question.trace_id()));
  for (const auto* key : {"question", "context", "action", "scope", "reason"})
    line(key, text_at(question, key));
}

/// A line of the person, without the blanks around it; nothing at the end of
/// input.
std::optional<std::string> ask(std::string_view prompt, const console& con) {
  con.out() << prompt << std::flush;
  std::string result;
  if (!std::getline(con.in(), result))
    return std::nullopt;
  CLI::detail::trim(result);
  return result;
}

std::optional<std::string> ask_text(const console& con) {
  for (;;) {
    auto text = ask("  answer> ", con);
    if (!text || !text->empty())
      return text;
  }
}

std::optional<bool> ask_grant(const console& con) {
  for (;;) {
    auto text = ask("  grant? [y/N] ", con);
    if (!text)
      return std::nullopt;
    *text = CLI::detail::to_lower(*text);
    if (text->empty() || *text == "n" || *text == "no")
      return false;
    if (*text == "y" || *text == "yes")
      return true;
  }
}

/// What the person says to a question, to be sent.
using reply = std::function<caf::expected<signal>(const dendrite&)>;

/// Asks the person.
/// @returns nothing at the end of input.
std::optional<reply> consult(const signal& question, bool redispatches,
                             const open_tasks& tasks, const console& con) {
  // Whoever waits for the end of what the asker was to do still does.
  const respond_options how{
    .finalize = !tasks.contains(question.parent_id().value_or(""))};
  if (question.type() == signal_type::CLARIFICATION) {
    const auto text = ask_text(con);
    if (!text)
      return std::nullopt;
    return [=](const dendrite& self) {
      return redispatches ? self.respond_to_clarification(question, *text, how)
                          : self.answer_clarification(question, *text);
    };
  }
  const auto granted = ask_grant(con);
  if (!granted)
    return std::nullopt;
  return [=](const dendrite& self) {
    if (redispatches)
      return self.respond_to_permission(question, {.granted = *granted}, how);
    return *granted ? self.grant_permission(question)
                    : self.deny_permission(question);
  };
}

exit_code answer(const answer_options& options, const console& con) {
  auto us = join(options.bus, "cosmo-answer", con);
  if (!us)
    return con.fail(message_of(us.error()));
  const auto questions = std::make_shared<question_queue>();
  const auto watching = con.on_interrupt([questions] { questions->end(); });
  auto take = [questions, trace = options.trace](const signal& question) {
    if (trace.empty() || question.trace_id() == trace)
      questions->add(question);
  };
  if (const auto on = us->self.on_clarification(take); !on)
    return con.fail(message_of(on.error()));
  if (const auto on = us->self.on_permission(take); !on)
    return con.fail(message_of(on.error()));
  const auto tasks = std::make_shared<open_tasks>();
  if (options.redispatches)
    if (const auto on
        = us->self.on_signal({signal_type::TASK, signal_type::TASK_AWARDED},
                             [tasks](const signal& task) { tasks->add(task); });
        !on)
      return con.fail(message_of(on.error()));
  con.out() << "Waiting for questions in namespace '" << options.bus.name_space
            << "'; Ctrl-C ends\n"
            << std::flush;
  while (const auto question = questions->take()) {
    show(*question, con);
    const auto words = consult(*question, options.redispatches, *tasks, con);
    if (!words)
      return con.fail(questions->is_over() ? "interrupted"
                                           : "the input has ended");
    if (const auto why = us->say([&] {
          const auto sent = (*words)(us->self);
          return sent ? caf::error{} : sent.error();
        }))
      return con.fail(message_of(why));
    con.out() << "sent.\n" << std::flush;
  }
  con.out() << "bye\n";
  return exit_code::success;
}

} // namespace

void add_answer(command_line& line) {
  auto options = std::make_shared<answer_options>();
  auto& command = line.add_command(
    "answer", "Answer questions of Neurons by hand", run_commands);
  add_bus_options(command, options->bus);
  command.add_option("--trace", options->trace, "Only those of this trace")
    ->type_name("TRACE_ID");
  command.add_flag("--redispatch", options->redispatches,
                   "Run the asker again with the answer");
  line.on(command,
          [options](const console& con) { return answer(*options, con); });
}

} // namespace cosmo::cli
