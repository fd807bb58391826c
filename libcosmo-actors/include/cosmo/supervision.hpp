// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/ids.hpp>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/expected.hpp>
#include <caf/timespan.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// What a supervision tree is described with, and how it describes itself.
/// Names and meaning are those of OTP's `supervisor`; where we differ stands in
/// doc/decisions/008-supervisors.md.
namespace cosmo {

class dead_letters;

// -- rules -----------------------------------------------------------------------

/// Which children are started again when one of them has failed.
enum class restart_strategy : uint8_t {
  /// The one alone.
  one_for_one,
  /// All of them, after the others have been stopped.
  one_for_all,
  /// The one and those that were started after it.
  rest_for_one,
};

/// Whether a child is started again after its end. Normal are the exit reasons
/// `normal` and `user_shutdown`.
enum class restart_type : uint8_t {
  /// Always.
  permanent,
  /// Unless its end was normal.
  transient,
  /// Never; it is forgotten at its end.
  temporary,
};

/// Whether a supervisor ends by itself, with reason `user_shutdown`, when
/// significant children have ended and are not started again.
enum class auto_shutdown : uint8_t {
  never,
  /// With the first.
  any_significant,
  /// With the last.
  all_significant,
};

/// How long to wait before a child is started again.
///
/// The n-th restart in a row waits `initial * factor^(n-1)`, at most `max`, of
/// which a random share of up to `jitter` is taken off.
struct restart_backoff {
  /// Zero: start again at once.
  caf::timespan initial = {};
  caf::timespan max = std::chrono::seconds{30};
  double factor = 2;
  /// From 0 to 1.
  double jitter = 0.5;
  /// After a life of this length the count begins anew.
  caf::timespan reset_after = std::chrono::minutes{1};
};

struct supervisor_options {
  /// How the root of the tree calls itself; nested ones have their child's id.
  std::string name = "supervisor";
  restart_strategy strategy = restart_strategy::one_for_one;
  /// More restarts than this within `period`, and the supervisor stops its
  /// children and fails with ec::restart_intensity.
  size_t intensity = 1;
  caf::timespan period = std::chrono::seconds{5};
  cosmo::auto_shutdown auto_shutdown = cosmo::auto_shutdown::never;
  restart_backoff backoff = {};
};

/// @returns ec::bad_argument naming the option.
caf::error check(const supervisor_options& options);

// -- children --------------------------------------------------------------------

/// What a child is started with.
struct child_context {
  caf::actor_system& system;
  /// The ids from the root of the tree to the child, separated by slashes.
  std::string path;
  random_source_ptr random;
  std::shared_ptr<dead_letters> letters;
};

/// Starts a child: a function that returns the handle of a new actor, or a
/// `caf::expected` of one. It takes a `caf::actor_system&`, a
/// `const child_context&` or nothing, runs within the supervisor at each start
/// and must not block. What it throws is ec::child_start_failed.
class child_factory {
public:
  using function
    = std::function<caf::expected<caf::actor>(const child_context&)>;

  child_factory() = default;

  template <class F>
    requires(std::is_invocable_v<F&, caf::actor_system&>
             || std::is_invocable_v<F&, const child_context&>
             || std::is_invocable_v<F&>)
  child_factory(F fn)
    : fn_([fn = std::move(fn)](const child_context& context) mutable {
        return to_actor(call(fn, context));
      }) {
    // nop
  }

  /// One that starts a supervisor.
  static child_factory of_supervisor(function fn) {
    child_factory result;
    result.fn_ = std::move(fn);
    result.supervises_ = true;
    return result;
  }

  explicit operator bool() const noexcept {
    return static_cast<bool>(fn_);
  }

  /// Whether the children are supervisors.
  bool supervises() const noexcept {
    return supervises_;
  }

  caf::expected<caf::actor> operator()(const child_context& context) const;

private:
  template <class F>
  static auto call(F& fn, const child_context& context) {
    if constexpr (std::is_invocable_v<F&, caf::actor_system&>)
      return fn(context.system);
    else if constexpr (std::is_invocable_v<F&, const child_context&>)
      return fn(context);
    else
      return fn();
  }

  template <class Handle>
  static caf::expected<caf::actor> to_actor(Handle hdl) {
    return caf::actor_cast<caf::actor>(std::move(hdl));
  }

  template <class Handle>
  static caf::expected<caf::actor> to_actor(caf::expected<Handle> hdl) {
    if (!hdl)
      return std::move(hdl.error());
    return caf::actor_cast<caf::actor>(std::move(*hdl));
  }

  function fn_;
  bool supervises_ = false;
};

/// For `child_spec::shutdown`: kill without asking first.
inline constexpr caf::timespan brutal_kill{0};

/// For `child_spec::shutdown`: wait for ever.
inline constexpr caf::timespan infinity = caf::timespan::max();

/// How a supervisor is to treat a child.
struct child_spec {
  /// Unique among the children of a supervisor.
  std::string id;
  child_factory start;
  restart_type restart = restart_type::permanent;
  /// From the request to end, an exit with `user_shutdown`, to the kill.
  /// Absent: 5 seconds, and `infinity` for supervisors.
  std::optional<caf::timespan> shutdown = {};
  /// Counts for `auto_shutdown`; not for permanent children.
  bool significant = false;
  /// Set: the child has an address that survives its restarts, at which up to
  /// so many messages wait while it is being restarted. Messages of high
  /// priority are not counted. What does not fit is a dead letter, a request is
  /// answered with ec::stash_full. What is in the mailbox of a child that ends
  /// is lost; CAF answers the requests among it. Costs every message a shared
  /// lock and two reference counts.
  /// @source doc/decisions/008-supervisors.md
  std::optional<size_t> stash = {};
};

/// @returns ec::bad_argument naming the field.
caf::error check(const child_spec& spec, auto_shutdown rule);

// -- how a tree describes itself -----------------------------------------------------

enum class child_type : uint8_t { worker, supervisor };

enum class child_state : uint8_t {
  /// A supervisor that is starting its children.
  starting,
  running,
  /// Ended, and to be started again.
  restarting,
  /// Asked to end.
  stopping,
  /// Ended, or not started yet.
  terminated,
};

std::string_view to_string(child_type type);
std::string_view to_string(child_state state);

/// A child, or the supervisor itself, with everything below.
struct child_info {
  std::string id;
  child_type type = child_type::worker;
  child_state state = child_state::terminated;
  /// How often it was started again by its supervisor, failed attempts
  /// included.
  size_t restarts = 0;
  /// Why it ended last; none while it is in its first life, and after a normal
  /// end.
  caf::error last_reason = {};
  /// Messages that wait for its return.
  size_t stashed = 0;
  /// The address of the child; null when there is none.
  caf::actor handle = {};
  /// In the order of their start.
  std::vector<child_info> children = {};
};

/// One line for each node, indented by its depth.
std::string to_string(const child_info& tree);
std::ostream& operator<<(std::ostream& out, const child_info& tree);

/// As OTP's `count_children`.
struct child_counts {
  /// Children, dead or alive.
  size_t specs = 0;
  /// Children with a running actor.
  size_t active = 0;
  size_t supervisors = 0;
  size_t workers = 0;
};

} // namespace cosmo
