// SPDX-License-Identifier: Apache-2.0
//
// What g++ 12 would compile wrongly, or what would leave its strand.

#include <cosmo/coroutine.hpp>

using namespace cosmo;

task<json> agent(json input, json, coroutine_io io) {
#if defined(CASE_BRACED_DISPATCH)
  auto answer = co_await io.dispatch({.neuron = "model"});
#elif defined(CASE_BRACED_IMPRINT)
  auto answer = co_await io.imprint("memory", {.op = "append"});
#elif defined(CASE_FOREIGN_AWAITABLE)
  co_await std::suspend_always{};
#else
  dispatch_options question{.neuron = "model"};
  auto answer = co_await io.dispatch(question);
#endif
  co_return json(input);
}
