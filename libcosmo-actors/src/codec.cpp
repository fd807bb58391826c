// SPDX-License-Identifier: Apache-2.0
#include "json_reader.hpp"
#include "json_writer.hpp"
#include "payload_codec.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/limits.hpp>
#include <cosmo/text_scan.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace cosmo {

namespace {

caf::error wrong_type(std::string_view path, std::string_view wanted,
                      std::string_view found) {
  std::string text{path};
  text += ": expected ";
  text += wanted;
  text += ", found `";
  text += excerpt(found);
  text += '`';
  return make_error(ec::bad_field_type, std::move(text));
}

caf::error too_large(size_t bytes) {
  return make_error(ec::too_large, "a frame of " + std::to_string(bytes)
                                     + " bytes, at most "
                                     + std::to_string(limits::frame_bytes_max)
                                     + " are allowed");
}

// -- decode --------------------------------------------------------------------

constexpr std::array<std::string_view, 9> keys{
  "v",        "id", "trace_id", "parent_id", "type",
  "directed", "ts", "payload",  "meta"};

enum key_index {
  v,
  id,
  trace_id,
  parent_id,
  type,
  directed_,
  ts,
  payload,
  meta
};

/// Reads the nine keys of a frame straight into their places. Since the last of
/// duplicate keys counts, faults of values are remembered per key and only
/// looked at when the text has ended; only broken JSON stops at once.
class envelope_reader {
public:
  explicit envelope_reader(std::string_view frame)
    : in_(frame, limits::decode_depth_max) {
    // nop
  }

  caf::expected<signal> read(const world& outside) {
    if (in_.peek() != '{')
      return not_an_object();
    const auto ok = in_.for_each_member(
      [this](std::string_view key) { return read_member(key); });
    if (!ok || !in_.finish())
      return in_.fault();
    if (!slots_[type].present)
      return make_error(ec::missing_type, "the envelope has no `type`");
    for (const auto& slot : slots_)
      if (slot.fault)
        return slot.fault;
    fill_gaps(outside);
    if (auto err = check(hdr_))
      return err;
    return signal::make_wire(std::move(hdr_), type_, std::move(payload_));
  }

private:
  struct outcome {
    bool present = false;
    caf::error fault;
  };

  caf::error not_an_object() {
    const auto* first = in_.position();
    if (!in_.skip_value() || !in_.finish())
      return in_.fault();
    return make_error(ec::not_an_object, "a frame is an object, not `"
                                           + excerpt(in_.since(first)) + '`');
  }

  bool read_member(std::string_view key) {
    for (size_t i = 0; i < keys.size(); ++i)
      if (keys[i] == key) {
        slots_[i].present = true;
        slots_[i].fault = {};
        return read_slot(static_cast<key_index>(i), slots_[i].fault);
      }
    return in_.skip_value();
  }

  bool read_slot(key_index key, caf::error& fault) {
    switch (key) {
      case v:
        return read_text(keys[v], hdr_.v, fault);
      case id:
        return read_text(keys[id], hdr_.id, fault);
      case trace_id:
        return read_text(keys[trace_id], hdr_.trace_id, fault);
      case parent_id:
        return read_text_or_null(keys[parent_id], hdr_.parent_id, fault);
      case type:
        return read_type(fault);
      case directed_:
        return read_directed(fault);
      case ts:
        return read_ts(fault);
      case payload:
        return read_object(keys[payload], payload_, fault);
      default:
        return read_object(keys[meta], hdr_.meta, fault);
    }
  }

  // Passes over a value that has the wrong type.
  bool refuse(std::string_view path, std::string_view wanted,
              caf::error& fault) {
    in_.peek();
    const auto* first = in_.position();
    if (!in_.skip_value())
      return false;
    fault = wrong_type(path, wanted, in_.since(first));
    return true;
  }

  bool read_text(std::string_view path, std::string& out, caf::error& fault) {
    if (in_.peek() != '"')
      return refuse(path, "a string", fault);
    return in_.read_string(out);
  }

  bool read_text_or_null(std::string_view path, std::optional<std::string>& out,
                         caf::error& fault) {
    out.reset();
    if (in_.peek() == 'n')
      return in_.skip_value();
    if (in_.peek() != '"')
      return refuse(path, "a string or null", fault);
    return in_.read_string(out.emplace());
  }

  bool read_object(std::string_view path, json& out, caf::error& fault) {
    if (in_.peek() != '{')
      return refuse(path, "an object", fault);
    return in_.read_value(out);
  }

  bool read_type(caf::error& fault) {
    if (in_.peek() != '"')
      return refuse(keys[type], "a string", fault);
    std::string_view text;
    std::string buffer;
    if (!in_.read_string(text, buffer))
      return false;
    if (const auto known = parse_signal_type(text))
      type_ = *known;
    else
      fault = make_error(ec::unknown_type, "type: `" + excerpt(text) + '`');
    return true;
  }

  bool read_ts(caf::error& fault) {
    auto keep = [&](caf::expected<timestamp> result) {
      if (result)
        hdr_.ts = *result;
      else
        fault = make_error(static_cast<ec>(result.error().code()),
                           "ts: " + message_of(result.error()));
      return true;
    };
    if (in_.peek() == '"') {
      std::string_view text;
      std::string buffer;
      return in_.read_string(text, buffer) && keep(parse_timestamp(text));
    }
    json value;
    return in_.read_value(value) && keep(timestamp_from_json(value));
  }

  bool read_directed(caf::error& fault) {
    hdr_.directed.reset();
    if (in_.peek() == 'n')
      return in_.skip_value();
    if (in_.peek() != '{')
      return refuse(keys[directed_], "an object or null", fault);
    auto& target = hdr_.directed.emplace();
    // Of each key the last counts here, too.
    caf::error faults[3];
    const auto ok = in_.for_each_member([&](std::string_view key) {
      if (key == "id")
        return read_text_or_null("directed.id", target.id, faults[0] = {});
      if (key == "type")
        return read_text_or_null("directed.type", target.type, faults[1] = {});
      if (key == "capabilities")
        return read_capabilities(target.capabilities, faults[2] = {});
      return in_.skip_value();
    });
    for (auto& found : faults)
      if (found && !fault)
        fault = std::move(found);
    return ok;
  }

  bool read_capabilities(std::vector<std::string>& out, caf::error& fault) {
    out.clear();
    if (in_.peek() != '[')
      return refuse("directed.capabilities", "an array of strings", fault);
    return in_.for_each_element([&] {
      if (in_.peek() == '"')
        return in_.read_string(out.emplace_back());
      const auto path
        = "directed.capabilities[" + std::to_string(out.size()) + ']';
      caf::error found;
      const auto ok = refuse(path, "a string", found);
      out.emplace_back();
      if (!fault)
        fault = std::move(found);
      return ok;
    });
  }

  void fill_gaps(const world& outside) {
    if (!slots_[id].present)
      hdr_.id = outside.ids->new_event_id();
    if (!slots_[trace_id].present)
      hdr_.trace_id = outside.ids->new_trace_id();
    if (!slots_[ts].present)
      hdr_.ts = outside.clock->now();
  }

  json_reader in_;
  header hdr_;
  signal_type type_ = signal_type::TASK;
  json payload_;
  std::array<outcome, keys.size()> slots_;
};

// -- encode --------------------------------------------------------------------

bool write_text(json_writer& out, std::string_view key,
                const std::string& value) {
  out.key(key);
  return out.string(value) || out.under(key);
}

bool write_text_or_null(json_writer& out, std::string_view key,
                        const std::optional<std::string>& value) {
  if (value)
    return write_text(out, key, *value);
  out.key(key);
  out.null();
  return true;
}

bool write_capabilities(json_writer& out,
                        const std::vector<std::string>& capabilities) {
  out.key("capabilities");
  if (!out.open('['))
    return out.under("capabilities");
  for (size_t i = 0; i < capabilities.size(); ++i) {
    out.separate();
    if (!out.string(capabilities[i])) {
      out.under(i);
      return out.under("capabilities");
    }
  }
  out.close(']');
  return true;
}

bool write_directed(json_writer& out, const std::optional<directed>& target) {
  out.key("directed");
  if (!target) {
    out.null();
    return true;
  }
  if (!out.open('{') || !write_text_or_null(out, "id", target->id)
      || !write_text_or_null(out, "type", target->type)
      || !write_capabilities(out, target->capabilities))
    return out.under("directed");
  out.close('}');
  return true;
}

bool write_frame(json_writer& out, std::string& text, const signal& sig) {
  if (!out.open('{') || !write_text(out, "v", sig.v())
      || !write_text(out, "id", sig.id())
      || !write_text(out, "trace_id", sig.trace_id())
      || !write_text_or_null(out, "parent_id", sig.parent_id()))
    return false;
  out.key("type");
  out.string(to_string(sig.type()));
  if (!write_directed(out, sig.directed()))
    return false;
  out.key("ts");
  text += '"';
  append_timestamp(text, sig.ts());
  text += '"';
  out.key("payload");
  const auto ok = sig.holds_struct()
                    ? codec_of(sig.type()).write(out, sig.typed())
                    : out.value(sig.payload());
  if (!ok)
    return out.under("payload");
  out.key("meta");
  if (!out.value(sig.meta()))
    return out.under("meta");
  out.close('}');
  return true;
}

} // namespace

caf::expected<signal> decode(std::string_view frame, const world& outside) {
  if (frame.size() > limits::frame_bytes_max)
    return too_large(frame.size());
  return envelope_reader{frame}.read(outside);
}

caf::error encode_to(std::string& out, const signal& sig) {
  constexpr size_t typical = 512;
  const auto size = out.size();
  if (out.capacity() - size < typical)
    out.reserve(std::max(size + typical, 2 * size));
  json_writer writer{out, limits::encode_depth_max};
  if (!write_frame(writer, out, sig)) {
    out.resize(size);
    return writer.fault();
  }
  if (const auto bytes = out.size() - size; bytes > limits::frame_bytes_max) {
    out.resize(size);
    return too_large(bytes);
  }
  return {};
}

caf::expected<std::string> encode(const signal& sig) {
  std::string result;
  if (auto err = encode_to(result, sig))
    return err;
  return result;
}

} // namespace cosmo
