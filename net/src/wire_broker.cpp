// SPDX-License-Identifier: Apache-2.0
#include "wire_broker.hpp"

#include "json_members.hpp"
#include "wire_line.hpp"
#include "wire_text.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/log.hpp>
#include <cosmo/subject.hpp>
#include <cosmo/version.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace cosmo::net {

namespace {

/// How often a publisher hears that its frames are too large.
constexpr std::chrono::seconds withheld_pause{1};

/// The text of a member; null unless it is one.
const std::string* text_of(const json& line, std::string_view key) {
  auto value = present_member(line, key);
  return value ? value->get_ptr<const std::string*>() : nullptr;
}

/// As above; null if it is empty, too.
const std::string* name_of(const json& line, std::string_view key) {
  auto result = text_of(line, key);
  return result && !result->empty() ? result : nullptr;
}

/// As error texts show it.
std::string shown(const json& line, std::string_view key) {
  auto value = present_member(line, key);
  if (!value)
    return "None";
  if (auto text = value->get_ptr<const std::string*>())
    return "'" + *text + "'";
  return value->dump(-1, ' ', true, json::error_handler_t::replace);
}

/// An instant as upstream's Python writes it.
std::string python_instant(timestamp ts) {
  auto result = to_string(ts);
  result.pop_back(); // the Z
  return result += "+00:00";
}

size_t tokens_in(std::string_view pattern) {
  return 1 + static_cast<size_t>(std::ranges::count(pattern, '.'));
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\v\f") == line.npos;
}

} // namespace

struct wire_broker::client {
  wire_peer& to;
  /// Clients are numbered as they connect.
  uint64_t number;
  /// Bytes of a line that it takes.
  size_t line_bytes_max;
  std::unordered_map<std::string, subscription_index::key> subscriptions = {};
  size_t name_spaces = 0;
  /// When it last heard that frames were withheld.
  std::optional<timestamp> told_withheld = {};
  std::list<client>::iterator self = {};
};

wire_broker::wire_broker(const wire_server_options& options,
                         wall_clock_ptr clock, wire_counters& counters,
                         wire_observer observer)
  : options_(options),
    clock_(std::move(clock)),
    counters_(counters),
    observer_(std::move(observer)) {
  // nop
}

wire_broker::~wire_broker() = default;

// -- clients ---------------------------------------------------------------------

wire_broker::client& wire_broker::attach(wire_peer& to) {
  auto& result
    = clients_.emplace_back(to, next_number_++, options_.peer_line_bytes_max);
  result.self = std::prev(clients_.end());
  greet(result);
  return result;
}

void wire_broker::detach(client& who) {
  for (auto& [sub_id, k] : who.subscriptions)
    drop_subscription(k);
  for (auto i = name_spaces_.begin(); who.name_spaces > 0;) {
    auto here = i++;
    if (here->owner == &who)
      forget_name_space(here);
  }
  clients_.erase(who.self);
}

/// The first line that a client sees, and the answer to `hello`. The members
/// tell our own clients what is taken; others do not look.
void wire_broker::greet(client& who) {
  send(who, {{"op", "welcome"},
             {"server", "cosmonapse-cpp/" + std::string{version_text}},
             {"max_line", options_.line_bytes_max}});
}

void wire_broker::send(client& to, const json& members) {
  to.to.send(wire_line(members));
}

void wire_broker::refuse(client& to, std::string_view text) {
  counters_.lines_refused.add();
  send(to, {{"op", "err"}, {"message", text}});
}

// -- lines -----------------------------------------------------------------------

void wire_broker::take(client& from, std::string_view line) {
  wire_traffic traffic;
  if (read_pub(line, traffic))
    publish(from, traffic.subject, traffic.subject, traffic.frame);
  else if (!is_blank(line))
    take_any(from, line);
}

void wire_broker::take_any(client& from, std::string_view text) {
  auto line = parse_json(text);
  if (!line)
    return refuse(from, "bad JSON: " + message_of(line.error()));
  if (!line->is_object())
    return refuse(from, "bad JSON: expected an object");
  auto op = text_of(*line, "op");
  if (!op)
    return refuse(from, "unknown op " + shown(*line, "op"));
  if (*op == "pub")
    return publish(from, *line);
  if (*op == "sub")
    return subscribe(from, *line);
  if (*op == "unsub")
    return unsubscribe(from, *line);
  if (*op == "ping")
    return send(from, {{"op", "pong"}});
  if (*op == "ns_register")
    return register_name_space(from, *line);
  if (*op == "mgmt_list")
    return list_name_spaces(from);
  if (*op == "mgmt_info")
    return describe_name_space(from, *line);
  if (*op == "mgmt_stop")
    return stop_name_space(from, *line);
  if (*op != "hello")
    return refuse(from, "unknown op " + shown(*line, "op"));
  if (auto most = present_member(*line, "max_line");
      most && most->is_number_unsigned())
    from.line_bytes_max
      = std::max(most->get<uint64_t>(), uint64_t{options_.peer_line_bytes_max});
  greet(from);
}

// -- traffic ---------------------------------------------------------------------

void wire_broker::publish(client& from, const json& line) {
  auto subject = name_of(line, "subject");
  auto frame = text_of(line, "frame");
  if (!subject || !frame)
    return refuse(from, "pub: missing subject/frame");
  std::string subject_raw;
  std::string frame_raw;
  // Whatever was read as JSON is UTF-8.
  append_escaped(subject_raw, *subject);
  append_escaped(frame_raw, *frame);
  publish(from, *subject, subject_raw, frame_raw);
}

void wire_broker::publish(client& from, std::string_view subject,
                          std::string_view subject_raw,
                          std::string_view frame_raw) {
  if (subject.size() > options_.name_bytes_max)
    return refuse(from, "pub: subject too long");
  counters_.signals_received.add();
  count(subject);
  observe(subject, frame_raw);
  size_t too_long = 0;
  for (auto k : index_.select(subject)) {
    auto& [who, sub_id] = subscribers_[k];
    if (!who->to.is_open())
      continue;
    if (size_of_msg(sub_id, subject_raw, frame_raw) > who->line_bytes_max) {
      ++too_long;
      continue;
    }
    out_.clear();
    append_msg(out_, sub_id, subject_raw, frame_raw);
    who->to.send(out_);
    counters_.signals_sent.add();
  }
  if (too_long > 0)
    withheld(from, too_long);
}

void wire_broker::count(std::string_view subject) {
  constexpr std::string_view prefix = "cosmonapse.";
  if (name_spaces_.empty() || !subject.starts_with(prefix))
    return;
  auto rest = subject.substr(prefix.size());
  if (auto i = by_name_.find(rest.substr(0, rest.find('.')));
      i != by_name_.end())
    ++i->second->signal_count;
}

void wire_broker::observe(std::string_view subject,
                          std::string_view frame_raw) {
  std::string frame;
  if (!observer_ || !append_unescaped(frame, frame_raw))
    return;
  try {
    observer_(subject, frame);
  } catch (const std::exception& error) {
    log::error("net.wire", "observer-threw", error.what());
  }
}

void wire_broker::withheld(client& from, size_t receivers) {
  auto text
    = "frame too large for " + std::to_string(receivers) + " subscriber(s)";
  log::warning("net.wire", "frame-withheld", text);
  counters_.signals_withheld.add(static_cast<int64_t>(receivers));
  auto now = clock_->now();
  if (from.told_withheld && now >= *from.told_withheld
      && now - *from.told_withheld < withheld_pause)
    return;
  from.told_withheld = now;
  send(from, {{"op", "err"}, {"message", "pub: " + text}});
}

void wire_broker::subscribe(client& from, const json& line) {
  auto sub_id = name_of(line, "sub_id");
  auto subject = name_of(line, "subject");
  auto group = text_of(line, "queue_group");
  if (!sub_id || !subject || (!group && present_member(line, "queue_group")))
    return refuse(from, "sub: missing sub_id/subject");
  if (std::max({sub_id->size(), subject->size(), group ? group->size() : 0})
      > options_.name_bytes_max)
    return refuse(from, "sub: name too long");
  if (tokens_in(*subject) > options_.pattern_tokens_max)
    return refuse(from, "sub: too many tokens");
  auto known = from.subscriptions.find(*sub_id);
  if (known == from.subscriptions.end()) {
    if (from.subscriptions.size() >= options_.subscriptions_max)
      return refuse(from, "sub: too many subscriptions");
    auto k = subscribers_.size();
    if (free_.empty()) {
      subscribers_.emplace_back();
    } else {
      k = free_.back();
      free_.pop_back();
    }
    subscribers_[k].who = &from;
    append_escaped(subscribers_[k].sub_id, *sub_id);
    known = from.subscriptions.emplace(*sub_id, k).first;
    counters_.subscriptions.add();
  }
  index_.add(known->second, *subject,
             group ? std::optional{*group} : std::nullopt, from.number);
}

void wire_broker::unsubscribe(client& from, const json& line) {
  auto sub_id = text_of(line, "sub_id");
  auto known
    = sub_id ? from.subscriptions.find(*sub_id) : from.subscriptions.end();
  if (known == from.subscriptions.end())
    return;
  drop_subscription(known->second);
  from.subscriptions.erase(known);
}

void wire_broker::drop_subscription(subscription_index::key k) {
  index_.remove(k);
  subscribers_[k] = {};
  free_.push_back(k);
  counters_.subscriptions.add(-1);
}

// -- namespaces ------------------------------------------------------------------

void wire_broker::register_name_space(client& from, const json& line) {
  auto name = name_of(line, "namespace");
  auto transport = text_of(line, "transport");
  if (!name)
    return refuse(from, "ns_register: missing namespace");
  if (!transport && present_member(line, "transport"))
    return refuse(from, "ns_register: transport is no text");
  if (std::max(name->size(), transport ? transport->size() : 0)
      > options_.name_space_bytes_max)
    return refuse(from, "ns_register: name too long");
  if (from.name_spaces >= options_.name_spaces_max)
    return refuse(from, "ns_register: too many namespaces");
  auto known = by_name_.find(*name);
  if (known == by_name_.end()) {
    auto place = name_spaces_.emplace(name_spaces_.end());
    known = by_name_.emplace(*name, place).first;
    counters_.name_spaces.add();
  } else if (auto former = known->second->owner) {
    --former->name_spaces;
  }
  *known->second = {*name, transport ? *transport : "memory",
                    python_instant(clock_->now()), 0, &from};
  ++from.name_spaces;
  send(from, {{"op", "ns_registered"}, {"namespace", *name}});
}

void wire_broker::list_name_spaces(client& from) {
  auto all = json::array();
  for (auto& what : name_spaces_)
    all.push_back({{"namespace", what.name},
                   {"transport", what.transport},
                   {"started_at", what.started_at},
                   {"signal_count", what.signal_count}});
  send(from, {{"op", "mgmt_ns_list"}, {"namespaces", std::move(all)}});
}

void wire_broker::describe_name_space(client& from, const json& line) {
  auto which = find_name_space(from, line);
  if (which == name_spaces_.end())
    return;
  send(from, {{"op", "mgmt_ns_info"},
              {"namespace", which->name},
              {"transport", which->transport},
              {"started_at", which->started_at},
              {"signal_count", which->signal_count},
              {"client_count", clients_.size()}});
}

void wire_broker::stop_name_space(client& from, const json& line) {
  auto which = find_name_space(from, line);
  if (which == name_spaces_.end())
    return;
  auto owner = which->owner;
  auto name = which->name;
  forget_name_space(which);
  send(*owner, {{"op", "ns_stopping"}, {"namespace", name}});
  send(from, {{"op", "mgmt_stop_ack"}, {"namespace", name}});
}

/// @returns none if there is no such namespace, which the client then knows.
wire_broker::name_spaces::iterator
wire_broker::find_name_space(client& from, const json& line) {
  auto name = text_of(line, "namespace");
  auto known = name ? by_name_.find(*name) : by_name_.end();
  if (known != by_name_.end())
    return known->second;
  refuse(from, "namespace " + shown(line, "namespace") + " not found");
  return name_spaces_.end();
}

void wire_broker::forget_name_space(name_spaces::iterator which) {
  counters_.name_spaces.add(-1);
  --which->owner->name_spaces;
  by_name_.erase(which->name);
  name_spaces_.erase(which);
}

} // namespace cosmo::net
