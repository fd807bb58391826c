// SPDX-License-Identifier: Apache-2.0
#include "wire_inlet.hpp"

#include <cosmo/codec.hpp>
#include <cosmo/inbox.hpp>
#include <cosmo/log.hpp>

#include <caf/send.hpp>

#include <utility>

namespace cosmo::net {

namespace {

/// A frame that is kept for comparison; longer ones rarely come twice.
constexpr size_t kept_bytes_max = 64 * 1024;

} // namespace

void wire_inlet::deliver(const subscription& to, std::string_view subject,
                         std::string_view frame) {
  if (!last_signal_ || frame != last_frame_) {
    auto read = decode(frame, outside_);
    if (!read)
      return log::warning("net.wire", "undecodable-frame",
                          std::string{subject} + ": " + describe(read.error()));
    last_signal_ = std::move(*read);
    last_frame_ = frame.size() <= kept_bytes_max ? frame : std::string_view{};
  }
  auto& sig = last_signal_;
  if (to.box && !to.box->admit(sig))
    return;
  if (sig.type() == signal_type::STOP)
    caf::anon_send<caf::message_priority::high>(to.receiver, deliver_atom_v,
                                                to.id, sig);
  else
    caf::anon_send(to.receiver, deliver_atom_v, to.id, sig);
}

void wire_inlet::belongs_to(caf::actor_addr synapse) {
  std::lock_guard guard{mutex_};
  owner_ = std::move(synapse);
}

caf::actor_addr wire_inlet::owner() const {
  std::lock_guard guard{mutex_};
  return owner_;
}

} // namespace cosmo::net
