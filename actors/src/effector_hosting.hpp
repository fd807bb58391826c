// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "part_hosting.hpp"
#include <cosmo/effector.hpp>

#include <deque>
#include <string>

namespace cosmo::actors {

/// Effectors, as what a Dendrite hosts.
struct effector_part {
  using part = effector;
  using handle = effector_actor;
  using description = effector_description;

  static constexpr auto noun = "Effector";
  static constexpr auto tag = "effector";
  static constexpr auto unavailable = "it cannot be connected";

  static const std::string& id_of(const description& about) {
    return about.effector_id;
  }

  static const std::string& kind_of(const description& about) {
    return about.effector_kind;
  }

  static tool_atom atom() {
    return tool_atom_v;
  }

  struct extra {
    /// Calls for one that is being started.
    std::deque<hosted_request> queue = {};
  };
};

/// The Effectors of a Dendrite: a call that one of them has taken is answered,
/// however it ends.
/// @source neurons.md 17.4
class effector_hosting final : public part_hosting<effector_part> {
public:
  using part_hosting::part_hosting;

  /// Whoever called on this trace does not wait any more.
  void cancel(const std::string& trace_id);

private:
  effector_actor spawn(const effector& what) override;
  void connect(hosted& h) override;
  void unanswered(const effector_description& by, const signal& sig,
                  const caf::error& reason) override;
  void pass_on_queue(hosted& h) override;
  void refuse(hosted& h, const signal& sig, const std::string& why) override;
  void refuse_stash(hosted& h, const std::string& why) override;
};

} // namespace cosmo::actors
