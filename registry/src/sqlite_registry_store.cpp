// SPDX-License-Identifier: Apache-2.0
#include "registry_file.hpp"
#include "registry_row.hpp"
#include "sqlite_fault.hpp"
#include "sqlite_use.hpp"
#include "unknown_neuron.hpp"
#include <cosmo/json.hpp>
#include <cosmo/log.hpp>
#include <cosmo/sqlite_registry_store.hpp>

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <mutex>
#include <set>
#include <utility>

namespace cosmo {

namespace {

using registry::capabilities_text;
using registry::guarded;
using registry::instant_text;
using registry::store_error;
using registry::text_of;
using registry::use;

#define COLUMNS                                                                \
  "neuron_id, capabilities, version, status, last_heartbeat, registered_at"

// On conflict the row keeps its place and `registered_at`.
constexpr auto upsert_text
  = "INSERT INTO neurons (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
    "ON CONFLICT (neuron_id) DO UPDATE SET capabilities = ?2, version = ?3, "
    "status = ?4, last_heartbeat = ?5";

constexpr auto touch_text
  = "INSERT INTO neurons (" COLUMNS ") VALUES "
    "(?1, '[]', NULL, coalesce(?2, 'registered'), ?3, ?4) "
    "ON CONFLICT (neuron_id) DO UPDATE SET status = coalesce(?2, status), "
    "last_heartbeat = ?3";

constexpr auto farewell_text
  = "UPDATE neurons SET status = 'deregistered' WHERE neuron_id = ?1";

constexpr auto get_text
  = "SELECT " COLUMNS " FROM neurons WHERE neuron_id = ?1";

constexpr auto list_text = "SELECT " COLUMNS " FROM neurons ORDER BY rowid";

#undef COLUMNS

registry::registry_row read_row(const SQLite::Statement& at) {
  return {.neuron_id = text_of(at.getColumn(0)),
          .capabilities = text_of(at.getColumn(1)),
          .version = registry::optional_text_of(at.getColumn(2)),
          .status = text_of(at.getColumn(3)),
          .last_heartbeat = text_of(at.getColumn(4)),
          .registered_at = text_of(at.getColumn(5))};
}

/// An open file with its statements.
class connection {
public:
  explicit connection(std::unique_ptr<SQLite::Database> db)
    : db_(std::move(db)) {
    // nop
  }

  void apply(const std::vector<registry_write>& changes) {
    // Takes the lock at once: one that reads first and then wants to write can
    // be refused without waiting.
    SQLite::Transaction all{*db_, SQLite::TransactionBehavior::IMMEDIATE};
    for (const auto& change : changes)
      std::visit([this](const auto& x) { make(x); }, change);
    all.commit();
  }

  /// Calls `fn(row)` if there is one.
  template <class Fn>
  void get(const std::string& neuron_id, Fn fn) {
    use now{get_};
    now.bind(1, neuron_id);
    if (get_.executeStep())
      fn(read_row(get_));
  }

  template <class Fn>
  void for_each(Fn fn) {
    const use now{list_};
    while (list_.executeStep())
      fn(read_row(list_));
  }

private:
  void make(const neuron_record& x) {
    const auto capabilities = capabilities_text(x.capabilities);
    std::optional<std::string> last_heartbeat;
    if (x.last_heartbeat)
      last_heartbeat = instant_text(*x.last_heartbeat);
    const auto registered_at = instant_text(x.registered_at);
    use now{upsert_};
    now.bind(1, x.neuron_id);
    now.bind(2, capabilities);
    now.bind(3, x.version);
    now.bind(4, x.status);
    now.bind(5, last_heartbeat);
    now.bind(6, registered_at);
    upsert_.exec();
  }

  void make(const neuron_touch& x) {
    const auto at = instant_text(x.at);
    const auto registered_at = instant_text(x.now);
    use now{touch_};
    now.bind(1, x.neuron_id);
    if (x.status && !x.status->empty())
      now.bind(2, *x.status);
    else
      now.bind(2, std::nullopt);
    now.bind(3, at);
    now.bind(4, registered_at);
    touch_.exec();
  }

  void make(const neuron_farewell& x) {
    use now{farewell_};
    now.bind(1, x.neuron_id);
    farewell_.exec();
  }

  std::unique_ptr<SQLite::Database> db_;
  SQLite::Statement upsert_{*db_, upsert_text};
  SQLite::Statement touch_{*db_, touch_text};
  SQLite::Statement farewell_{*db_, farewell_text};
  SQLite::Statement get_{*db_, get_text};
  SQLite::Statement list_{*db_, list_text};
};

} // namespace

class sqlite_registry_store::engine {
public:
  engine(std::string path, sqlite_registry_options options)
    : where_{"registry", std::move(path)}, options_(options) {
    // nop
  }

  caf::error connect() {
    const std::lock_guard guard{mutex_};
    if (connection_)
      return {};
    return guarded(where_, [this]() -> caf::error {
      auto db = registry::open_registry_file(where_, options_.busy_timeout);
      if (!db)
        return db.error();
      connection_ = std::make_unique<connection>(std::move(*db));
      return {};
    });
  }

  void close() {
    const std::lock_guard guard{mutex_};
    connection_.reset();
  }

  caf::error apply(const std::vector<registry_write>& changes) {
    for (const auto& change : changes)
      if (auto err = validate(change))
        return err;
    return call([&]() -> caf::error {
      if (!changes.empty())
        connection_->apply(changes);
      return {};
    });
  }

  caf::expected<neuron_record> get(const std::string& neuron_id) {
    using result_type = caf::expected<neuron_record>;
    return call([&]() -> result_type {
      result_type result{registry::unknown_neuron(neuron_id)};
      connection_->get(neuron_id, [&](registry::registry_row row) {
        result = registry::to_record(std::move(row));
        if (!result)
          result = unreadable(neuron_id, result.error());
      });
      return result;
    });
  }

  caf::expected<std::vector<neuron_record>> list(const registry_filter& which) {
    using result_type = caf::expected<std::vector<neuron_record>>;
    return call([&]() -> result_type {
      std::vector<neuron_record> result;
      connection_->for_each([&](registry::registry_row row) {
        auto neuron_id = row.neuron_id;
        auto record = registry::to_record(std::move(row));
        if (!record)
          leave_out(neuron_id, record.error());
        else if (which(*record))
          result.push_back(std::move(*record));
      });
      return result;
    });
  }

private:
  template <class Fn>
  std::invoke_result_t<Fn> call(Fn fn) {
    const std::lock_guard guard{mutex_};
    if (!connection_)
      return store_error(ec::not_connected, where_, "not connected");
    return guarded(where_, std::move(fn));
  }

  caf::error unreadable(const std::string& neuron_id, const caf::error& why) {
    // As JSON the id is printable whatever it holds.
    return store_error(ec::store_corrupt, where_,
                       "the row of " + json_to_wire(json(neuron_id))
                         + " cannot be read: " + message_of(why));
  }

  void leave_out(const std::string& neuron_id, const caf::error& why) {
    if (reported_.insert(neuron_id).second)
      log::warning("registry", "unreadable-row",
                   message_of(unreadable(neuron_id, why)));
  }

  const registry::store_place where_;
  const sqlite_registry_options options_;
  std::mutex mutex_;
  std::unique_ptr<connection> connection_;
  /// Whose rows were said to be unreadable.
  std::set<std::string> reported_;
};

sqlite_registry_store::sqlite_registry_store(std::string path,
                                             sqlite_registry_options options)
  : engine_(std::make_unique<engine>(std::move(path), options)) {
  // nop
}

sqlite_registry_store::~sqlite_registry_store() = default;

caf::error sqlite_registry_store::connect() {
  return engine_->connect();
}

void sqlite_registry_store::close() {
  engine_->close();
}

caf::error
sqlite_registry_store::apply(const std::vector<registry_write>& changes) {
  return engine_->apply(changes);
}

caf::expected<neuron_record>
sqlite_registry_store::get(const std::string& neuron_id) {
  return engine_->get(neuron_id);
}

caf::expected<std::vector<neuron_record>>
sqlite_registry_store::list(const registry_filter& which) {
  return engine_->list(which);
}

} // namespace cosmo
