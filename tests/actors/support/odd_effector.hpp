// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/effector_backend.hpp>

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cosmo::test {

/// An Effector that counts what happens to it, and fails when it is told to.
class odd_effector : public effector_backend {
public:
  explicit odd_effector(effector_description what) : what_(std::move(what)) {
    // nop
  }

  explicit odd_effector(std::string id = "odd")
    : odd_effector(effector_description{.effector_id = std::move(id)}) {
    // nop
  }

  const effector_description& describe() const noexcept override {
    return what_;
  }

  caf::error connect() override {
    ++connects;
    if (refuse_connects > 0) {
      --refuse_connects;
      return make_error(ec::connect_failed, "refused");
    }
    return {};
  }

  void close() override {
    ++closes;
  }

  tool_outcome invoke(const tool_request& call) override {
    calls.push_back(call);
    if (call.tool == "throw")
      throw std::runtime_error{"thrown"};
    if (call.tool == "fail")
      return {.error = "it failed"};
    if (on_call)
      on_call(call);
    return {.result = {{"echo", call.args}}};
  }

  int connects = 0;
  int refuse_connects = 0;
  int closes = 0;
  std::vector<tool_request> calls;
  std::function<void(const tool_request&)> on_call;

private:
  effector_description what_;
};

} // namespace cosmo::test
