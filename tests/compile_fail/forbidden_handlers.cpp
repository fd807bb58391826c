// SPDX-License-Identifier: Apache-2.0

// Compiled once per case: old names of registrations warn, new ones do not, and
// an Axon brings along only what every Dendrite understands.

#include <cosmo/dendrite.hpp>

namespace cosmo::test {

inline void nothing(const signal&) {
  // nop
}

void use(const dendrite& d, const axon& a) {
#if defined(CASE_HANDLERS)
  (void)d.on_error_signal(nothing);
  (void)d.on_register_signal(nothing);
  (void)d.on_deregister_signal(nothing);
  (void)d.on_heartbeat_signal(nothing);
  (void)d.on_discover(nothing);
  (void)d.on_trace("trc_1", nothing);
  a.host().on_error_signal(nothing);
#elif defined(CASE_OLD_NAMES)
  (void)d.on_error(nothing);
  (void)d.on_register(nothing);
  (void)d.on_deregister(nothing);
  (void)d.on_heartbeat(nothing);
#elif defined(CASE_HOST_NAMES)
  a.host().on_discover(nothing);
  a.host().on_trace("trc_1", nothing);
#endif
}

} // namespace cosmo::test
