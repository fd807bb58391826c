// SPDX-License-Identifier: Apache-2.0
#include "payload_codec.hpp"
#include <cosmo/signal.hpp>
#include <cosmo/text_scan.hpp>

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/sec.hpp>

#include <atomic>

namespace cosmo {

// -- the shared value ----------------------------------------------------------

struct signal::node {
  node(header h, signal_type t, const void* payload)
    : hdr(std::move(h)), type(t), typed(payload) {
    // nop
  }

  node(header h, signal_type t, json payload)
    : hdr(std::move(h)), type(t), received(std::move(payload)) {
    wire = &received;
  }

  node(const node&) = delete;

  node& operator=(const node&) = delete;

  ~node() {
    if (const auto* payload = typed.load(std::memory_order_acquire))
      codec_of(type).destroy(payload);
    if (const auto* text = wire.load(std::memory_order_acquire);
        text != &received)
      delete text;
  }

  const header hdr;
  const signal_type type;
  // Whichever view is missing is made on first use; of several threads that
  // make it at once, one wins and the others drop theirs.
  mutable std::atomic<const void*> typed = nullptr;
  mutable std::atomic<const json*> wire = nullptr;
  const json received;
};

signal signal::make_typed(header hdr, signal_type type, const void* owned) {
  return signal{std::make_shared<const node>(std::move(hdr), type, owned)};
}

signal signal::make_wire(header hdr, signal_type type, json payload) {
  if (payload.is_null())
    payload = json::object();
  return signal{
    std::make_shared<const node>(std::move(hdr), type, std::move(payload))};
}

// -- envelope ------------------------------------------------------------------

const std::string& signal::v() const noexcept {
  return node_->hdr.v;
}

const std::string& signal::id() const noexcept {
  return node_->hdr.id;
}

const std::string& signal::trace_id() const noexcept {
  return node_->hdr.trace_id;
}

const std::optional<std::string>& signal::parent_id() const noexcept {
  return node_->hdr.parent_id;
}

signal_type signal::type() const noexcept {
  return node_->type;
}

const std::optional<cosmo::directed>& signal::directed() const noexcept {
  return node_->hdr.directed;
}

timestamp signal::ts() const noexcept {
  return node_->hdr.ts;
}

const json& signal::meta() const noexcept {
  const auto& meta = node_->hdr.meta;
  return meta.is_null() ? empty_object() : meta;
}

const header& signal::envelope() const noexcept {
  return node_->hdr;
}

std::string_view signal::directed_id() const noexcept {
  const auto& target = node_->hdr.directed;
  return target && target->id ? std::string_view{*target->id}
                              : std::string_view{};
}

// -- payload -------------------------------------------------------------------

const json& signal::payload() const {
  auto& slot = node_->wire;
  if (const auto* known = slot.load(std::memory_order_acquire))
    return *known;
  auto made = std::make_unique<const json>(codec_of(type()).to_json(typed()));
  const json* winner = nullptr;
  if (slot.compare_exchange_strong(winner, made.get(),
                                   std::memory_order_acq_rel))
    return *made.release();
  return *winner;
}

const void* signal::typed() const {
  auto& slot = node_->typed;
  if (const auto* known = slot.load(std::memory_order_acquire))
    return known;
  auto made = codec_of(type()).from_json(node_->received);
  if (!made)
    return nullptr;
  const void* winner = nullptr;
  if (slot.compare_exchange_strong(winner, *made, std::memory_order_acq_rel))
    return *made;
  codec_of(type()).destroy(*made);
  return winner;
}

caf::error signal::typed_error() const {
  if (typed() != nullptr)
    return {};
  auto made = codec_of(type()).from_json(node_->received);
  return made ? caf::error{} : std::move(made.error());
}

bool signal::holds_struct() const noexcept {
  return node_->wire.load(std::memory_order_acquire) != &node_->received;
}

const json& signal::output() const {
  static const json nothing;
  if (const auto* reply = get_if<payload::agent_output>())
    return reply->output;
  if (const auto* conclusion = get_if<payload::final_>())
    return conclusion->result;
  // A reply that is not as it should be still shows what it has.
  const auto is_reply
    = type() == signal_type::AGENT_OUTPUT || type() == signal_type::FINAL;
  if (!is_reply)
    return nothing;
  const auto* key = type() == signal_type::FINAL ? "result" : "output";
  auto i = this->payload().find(key);
  return i != this->payload().end() ? *i : nothing;
}

caf::error wrong_type(const signal& sig, signal_type_set expected) {
  std::string text{to_string(sig.type())};
  text += ' ';
  text += excerpt(sig.id());
  text += " is none of:";
  for (size_t i = 0; i < signal_type_count; ++i)
    if (const auto type = static_cast<signal_type>(i);
        expected.contains(type)) {
      text += ' ';
      text += to_string(type);
    }
  return make_error(ec::protocol_violation, std::move(text));
}

// -- checks --------------------------------------------------------------------

bool is_accepted_version(std::string_view v) noexcept {
  return v.substr(0, v.find('.')) == "1";
}

caf::error check(const header& hdr) {
  auto refuse = [](ec code, std::string_view what, std::string_view value) {
    std::string text{what};
    text += ": `";
    text += excerpt(value);
    text += '`';
    return make_error(code, std::move(text));
  };
  if (!is_accepted_version(hdr.v))
    return refuse(ec::bad_version, "v: unsupported protocol version", hdr.v);
  if (!is_event_id(hdr.id))
    return refuse(ec::bad_event_id, "id does not start with evt_", hdr.id);
  if (!is_trace_id(hdr.trace_id))
    return refuse(ec::bad_trace_id, "trace_id does not start with trc_",
                  hdr.trace_id);
  if (hdr.parent_id && !is_event_id(*hdr.parent_id))
    return refuse(ec::bad_parent_id,
                  "parent_id neither is null nor starts with evt_",
                  *hdr.parent_id);
  if (hdr.ts < timestamp_min || hdr.ts > timestamp_max)
    return refuse(ec::bad_timestamp, "ts is outside the years 1 to 9999, in us",
                  std::to_string(hdr.ts.time_since_epoch().count()));
  if (!hdr.meta.is_null() && !hdr.meta.is_object())
    return refuse(ec::bad_field_type, "meta: expected an object, found",
                  json_to_wire(hdr.meta));
  return {};
}

// -- CAF -----------------------------------------------------------------------

signal_parts signal_parts::of(const signal& sig) {
  return {sig.envelope(), sig.type(), sig.payload()};
}

caf::expected<signal> signal_parts::assemble() && {
  if (auto err = check(hdr))
    return err;
  if (!payload.is_object())
    return make_error(ec::bad_field_type, "payload: expected an object");
  return signal::make_wire(std::move(hdr), type, std::move(payload));
}

bool inspect_binary(caf::binary_serializer& f, signal& sig) {
  if (!sig) {
    f.emplace_error(caf::sec::invalid_argument, "an empty signal handle");
    return false;
  }
  auto& hdr = const_cast<header&>(sig.envelope());
  auto type = sig.type();
  auto structured = sig.holds_struct();
  if (!f.apply(hdr) || !f.apply(type) || !f.apply(structured))
    return false;
  if (structured)
    return codec_of(type).save(f, sig.typed());
  return f.apply(const_cast<json&>(sig.payload()));
}

bool inspect_binary(caf::binary_deserializer& f, signal& sig) {
  signal_parts parts;
  bool structured = false;
  if (!f.apply(parts.hdr) || !f.apply(parts.type) || !f.apply(structured))
    return false;
  if (!structured) {
    if (!f.apply(parts.payload))
      return false;
    auto result = std::move(parts).assemble();
    if (!result) {
      f.set_error(std::move(result.error()));
      return false;
    }
    sig = std::move(*result);
    return true;
  }
  if (auto err = check(parts.hdr)) {
    f.set_error(std::move(err));
    return false;
  }
  const auto* payload = codec_of(parts.type).load(f);
  if (payload == nullptr)
    return false;
  sig = signal::make_typed(std::move(parts.hdr), parts.type, payload);
  return true;
}

} // namespace cosmo
