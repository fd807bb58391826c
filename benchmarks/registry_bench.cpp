// SPDX-License-Identifier: Apache-2.0
//
// Heartbeats per second into a registry file, in batches as the actor of a
// store groups them, against the same statement run on SQLite itself with texts
// that were made beforehand.

#include "bench.hpp"
#include "bench_files.hpp"
#include <cosmo/sqlite_registry_store.hpp>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <algorithm>
#include <string>
#include <vector>

namespace bench {

namespace {

constexpr int neurons = 1'000;
constexpr int batches = 100;
constexpr int rounds = 5;

constexpr cosmo::timestamp start
  = std::chrono::sys_days{std::chrono::year{2026} / 1 / 2};

std::string id_of(int neuron) {
  return "neuron-" + std::to_string(neuron);
}

cosmo::timestamp time_of(int batch) {
  return start + std::chrono::microseconds{1'000'001} * batch;
}

/// A registry of all Neurons.
std::string make(const folder& files, const char* name) {
  auto result = files.file(name);
  cosmo::sqlite_registry_store store{result};
  expect(store.connect());
  std::vector<cosmo::registry_write> changes;
  changes.reserve(neurons);
  for (int i = 0; i < neurons; ++i)
    changes.emplace_back(cosmo::neuron_record{
      .neuron_id = id_of(i), .capabilities = {"chat"}, .registered_at = start});
  expect(store.apply(changes));
  return result;
}

std::vector<cosmo::registry_write> heartbeats(int batch) {
  std::vector<cosmo::registry_write> result;
  result.reserve(neurons);
  for (int i = 0; i < neurons; ++i)
    result.emplace_back(cosmo::neuron_touch{.neuron_id = id_of(i),
                                            .at = time_of(batch),
                                            .status = "ok",
                                            .now = time_of(batch)});
  return result;
}

double run_store(const std::string& path) {
  cosmo::sqlite_registry_store store{path};
  expect(store.connect());
  auto spent = 0.0;
  for (int batch = 0; batch < batches; ++batch) {
    // Whoever sends the heartbeats makes them.
    const auto changes = heartbeats(batch);
    spent += time([&] { expect(store.apply(changes)); });
  }
  expect(store.get(id_of(neurons - 1))->last_heartbeat == time_of(batches - 1),
         "a heartbeat was lost");
  return spent;
}

double run_sqlite(const std::string& path) {
  SQLite::Database db{path, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX,
                      5'000};
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  SQLite::Statement touch{
    db, "INSERT INTO neurons (neuron_id, capabilities, status, last_heartbeat, "
        "registered_at) VALUES (?1, '[]', ?2, ?3, ?3) ON CONFLICT (neuron_id) "
        "DO UPDATE SET status = ?2, last_heartbeat = ?3"};
  std::vector<std::string> ids;
  ids.reserve(neurons);
  for (int i = 0; i < neurons; ++i)
    ids.push_back(id_of(i));
  const std::string status = "ok";
  auto spent = 0.0;
  for (int batch = 0; batch < batches; ++batch) {
    auto at = cosmo::to_string(time_of(batch));
    at.replace(at.size() - 1, 1, "+00:00");
    spent += time([&] {
      SQLite::Transaction all{db, SQLite::TransactionBehavior::IMMEDIATE};
      for (const auto& id : ids) {
        touch.bindNoCopy(1, id);
        touch.bindNoCopy(2, status);
        touch.bindNoCopy(3, at);
        touch.exec();
        touch.reset();
      }
      all.commit();
    });
  }
  return spent;
}

} // namespace

void registry() {
  const folder files{"registry"};
  const auto ours = make(files, "ours.db");
  const auto raw = make(files, "raw.db");
  constexpr auto heartbeats_total = double{neurons} * batches;
  auto store_time = run_store(ours);
  auto sqlite_time = run_sqlite(raw);
  // In turn, so that both have the same luck with the disk.
  for (int i = 1; i < rounds; ++i) {
    store_time = std::min(store_time, run_store(ours));
    sqlite_time = std::min(sqlite_time, run_sqlite(raw));
  }
  report("registry.upsert_per_s", heartbeats_total / store_time, "1/s");
  report("registry.sqlite_per_s", heartbeats_total / sqlite_time, "1/s");
  report("registry.upsert_ratio", sqlite_time / store_time, "x");
}

} // namespace bench
