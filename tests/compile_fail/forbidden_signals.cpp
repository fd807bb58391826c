// SPDX-License-Identifier: Apache-2.0

// Compiled once per case: what the protocol forbids must not compile, and what
// it allows must.

#include <cosmo/signal.hpp>

namespace cosmo::test {

#if defined(CASE_ALLOWED)

axon_reply answer(signal_of<payload::agent_output> output) {
  return output;
}

worker_signal publish(axon_reply reply) {
  return reply;
}

#elif defined(CASE_AXON_REPLY_FROM_TASK)

axon_reply answer(task_signal task) {
  return task;
}

#elif defined(CASE_WORKER_SIGNAL_FROM_STOP)

worker_signal publish(signal_of<payload::stop> stop) {
  return stop;
}

#elif defined(CASE_WORKER_SIGNAL_FROM_STOP_PAYLOAD)

worker_signal publish(header hdr, payload::stop stop) {
  return {std::move(hdr), std::move(stop)};
}

#elif defined(CASE_AXON_REPLY_FROM_UNCHECKED)

axon_reply answer(signal sig) {
  return sig;
}

#endif

} // namespace cosmo::test
