// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engram_tally.hpp"
#include "part_hosting.hpp"
#include <cosmo/engram.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cosmo::actors {

/// What became of a rollback of all Engrams of a Dendrite.
struct rollback_outcome {
  size_t compensated = 0;
  size_t conflicts = 0;
  /// Those with a record that could not be read, or out of reach.
  std::vector<std::string> failed = {};
  /// Whether some of it is left for later.
  bool pending = false;

  bool complete() const noexcept {
    return conflicts == 0 && failed.empty() && !pending;
  }
};

/// Engrams, as what a Dendrite hosts.
struct engram_part {
  using part = engram;
  using handle = engram_actor;
  using description = engram_description;

  static constexpr auto noun = "Engram";
  static constexpr auto tag = "engram";
  static constexpr auto unavailable = "its storage keeps failing";

  static const std::string& id_of(const description& about) {
    return about.engram_id;
  }

  static const std::string& kind_of(const description& about) {
    return about.engram_kind;
  }

  static recall_atom atom() {
    return recall_atom_v;
  }

  /// One rollback of one Engram. However long it takes, its STOP waits only for
  /// so long; what comes later is told as recovered.
  struct undoing {
    std::string engram_id;
    rollback_order order;
    int attempts_left;
    std::function<void(caf::expected<rollback_report>)> done;
  };

  using undoing_ptr = std::shared_ptr<undoing>;

  /// The end of a trace: its writes are kept, or it has met an ERROR.
  struct trace_end {
    std::string trace_id;
    bool failed;
  };

  /// What waits, in order, for an Engram that is being started.
  using work = std::variant<hosted_request, trace_end, undoing_ptr>;

  struct extra {
    std::deque<work> queue = {};
    /// How much of its front came back from an actor that died.
    size_t returned = 0;
    /// Rollbacks that were finished before it serves.
    std::vector<std::pair<rollback_order, rollback_outcome>> recovered = {};
    engram_tally tally = {};
  };
};

/// The Engrams of a Dendrite: also keeps and undoes what a trace has written.
/// @source engram.md sections 6, 9 and 19
class engram_hosting final : public part_hosting<engram_part> {
public:
  using rollback_done = std::function<void(rollback_outcome)>;

  /// What it needs of its Dendrite.
  class owner : public part_owner {
  public:
    /// A rollback that a crash had interrupted was finished.
    virtual void recovered(const rollback_order& order,
                           const rollback_outcome& outcome,
                           const std::string& engram_id)
      = 0;
  };

  engram_hosting(owner& host, environment_ptr env, std::string place);

  /// Nobody writes to a backend whose Dendrite is gone.
  ~engram_hosting();

  /// There is another one. @pre none of them serves.
  void move_to(std::string place) {
    place_ = std::move(place);
  }

  /// Those that serve, or will again.
  std::vector<std::string> ids() const;

  /// What went through one of them. @returns ec::not_found.
  caf::result<engram_counts> counts(const std::string& engram_id);

  // -- the end of a trace -----------------------------------------------------

  void commit(const std::string& trace_id);

  void mark_failed(const std::string& trace_id);

  /// Undoes what the trace has written; several at a time.
  void roll_back(const rollback_order& order, rollback_done done);

private:
  using undoing = engram_part::undoing;
  using undoing_ptr = engram_part::undoing_ptr;
  using trace_end = engram_part::trace_end;
  using work = engram_part::work;

  engram_actor spawn(const engram& what) override;
  void connect(hosted& h) override;
  void answered(hosted& h, const worker_signal& reply) override;
  void unanswered(const engram_description& by, const signal& sig,
                  const caf::error& reason) override;
  void pass_on_queue(hosted& h) override;
  void refuse(hosted& h, const signal& sig, const std::string& why) override;
  void refuse_stash(hosted& h, const std::string& why) override;
  void raised(const hosted& h) override;
  void announced(hosted& h) override;
  void lowered(hosted& h) override;

  void turn_down(hosted* h, const engram_description& by, const signal& sig,
                 const std::string& why);
  caf::expected<engram_counts>
  counts(const std::string& engram_id,
         std::optional<engram_journal_counts> journal);
  void finish_rollbacks(const std::string& engram_id,
                        const caf::actor_addr& actor,
                        std::deque<rollback_order> orders);
  void end_trace(hosted& h, trace_end what);
  void take_back(hosted& h, work what);
  void end_trace(const trace_end& what);
  void undo(undoing_ptr u);
  void undo_later(undoing_ptr u, const caf::error& reason);
  void report(undoing& u, caf::expected<rollback_report> report);
  void recover(const std::string& engram_id, const caf::actor_addr& actor,
               const rollback_order& order,
               std::function<void(const caf::expected<rollback_report>&)> done);
  static bool owes(const hosted& h, const std::string& stop_id);

  owner& dendrite_;
  std::string place_;
};

} // namespace cosmo::actors
