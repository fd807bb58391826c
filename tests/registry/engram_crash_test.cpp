// SPDX-License-Identifier: Apache-2.0
// What a process that dies leaves behind, which is a file and its log.
#include "support/engram_samples.hpp"
#include "support/outcome_of.hpp"
#include "support/sqlite_file.hpp"
#include <cosmo/sqlite_engram.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// What its successor finds at the same time of day.
class successor {
public:
  successor(const std::string& path, timestamp now) : engram_(path) {
    outside_.clock->set(now);
    REQUIRE(outcome_of(engram_.connect(outside_.outside)) == "ok");
  }

  engram_user user() {
    return {engram_, outside_};
  }

  sqlite_engram* operator->() noexcept {
    return &engram_;
  }

  /// Goes on with what was under way.
  rollback_report recover() {
    const auto orders = engram_.unfinished();
    REQUIRE(orders);
    rollback_report result;
    for (const auto& order : *orders)
      do
        result = *engram_.compensate(order);
      while (!result.done);
    return result;
  }

private:
  test_world outside_;
  sqlite_engram engram_;
};

constexpr int writes_total = 700;

/// Overwrites half of what is there, and adds as much.
std::vector<edit> writes_of_trace() {
  std::vector<edit> result;
  for (int i = 0; i < writes_total; ++i)
    result.push_back({.op = "upsert",
                      .entry = {{"content", "new"}},
                      .key = "key" + std::to_string(i / 2 * 3 % 700),
                      .trace = "trc_a",
                      .imprint_id = "evt_" + std::to_string(i)});
  return result;
}

std::string all_of(engram_user user) {
  std::string result;
  for (const auto& hit : user.ask({{"top_k", 1'000}}).hits)
    result += hit.id + json_to_wire(hit.entry["content"]) + ' ';
  return result;
}

} // namespace

TEST_CASE("a rollback that was interrupted anywhere is finished by the next "
          "process",
          "[engram]") {
  const scratch_folder folder;
  const auto path = folder.file("engram.db");
  test_world outside;
  sqlite_engram engram{path, {.durability = engram_durability::normal}};
  REQUIRE(outcome_of(engram.connect(outside.outside)) == "ok");
  engram_user user{engram, outside};
  std::vector<edit> past;
  for (int i = 0; i < 350; ++i)
    past.push_back({.op = "upsert",
                    .entry = {{"content", "old"}},
                    .key = "key" + std::to_string(i * 2)});
  user.tell_all(past);
  const auto before = all_of(user);
  user.tell_all(writes_of_trace());
  const rollback_order order{"trc_a", "evt_stop", user.now()};
  const rollback_report all{.compensated = writes_total};
  auto report = engram.compensate(order);
  auto crashes = 0;
  for (;;) {
    REQUIRE(report);
    const auto copy = folder.file("copy" + std::to_string(crashes++));
    copy_database(path, copy);
    successor next{copy, outside.clock->now()};
    CHECK(next->unfinished()->size() == (report->done ? 0u : 1u));
    // Whoever comes too late is refused before all is undone.
    auto late = next.user().request({.trace = "trc_a"});
    late.sent_at = order.stopped_at;
    CHECK(token_of(next->imprint({late})->at(0)) == "trace_stopped");
    if (!report->done)
      CHECK(next.recover() == all);
    CHECK(all_of(next.user()) == before);
    CHECK(*next->compensate(order) == all);
    CHECK(next->unfinished()->empty());
    if (report->done)
      break;
    report = engram.compensate(order);
  }
  CHECK(crashes == 4);
}

TEST_CASE("a write that was made but not acknowledged is not made twice",
          "[engram]") {
  const scratch_folder folder;
  const auto path = folder.file("engram.db");
  test_world outside;
  sqlite_engram engram{path};
  REQUIRE(outcome_of(engram.connect(outside.outside)) == "ok");
  engram_user user{engram, outside};
  const edit what{.entry = {{"content", 1}},
                  .key = "k",
                  .trace = "trc_a",
                  .imprint_id = "evt_1"};
  const auto id = user.tell(what).id;
  copy_database(path, folder.file("copy"));
  successor next{folder.file("copy"), outside.clock->now()};
  CHECK(next.user().tell(what).id == id);
  CHECK(next.user().ask().hits.size() == 1);
  CHECK(next.user().roll_back("trc_a") == rollback_report{.compensated = 1});
  CHECK(next.user().ask().hits.empty());
}

TEST_CASE("whatever of the log has reached the disk, writes are whole",
          "[engram]") {
  const scratch_folder folder;
  const auto path = folder.file("engram.db");
  test_world outside;
  sqlite_engram engram{path, {.durability = engram_durability::normal}};
  REQUIRE(outcome_of(engram.connect(outside.outside)) == "ok");
  engram_user user{engram, outside};
  constexpr auto count = 12;
  for (int i = 0; i < count; ++i)
    user.tell({.entry = {{"id", std::to_string(i)}},
               .trace = "trc_a",
               .imprint_id = "evt_" + std::to_string(i)});
  user.step("trc_a");
  user.step("trc_a");
  const auto log = bytes_of(path + "-wal");
  const auto copy = folder.file("copy");
  size_t before = 0;
  auto has_shrunk = false;
  // A page and its header, so that each of them is cut somewhere.
  constexpr size_t stride = 4'096;
  for (size_t bytes = 0; bytes < log.size() + stride; bytes += stride) {
    CAPTURE(bytes);
    for (const auto* part : {"", "-wal", "-shm"})
      std::filesystem::remove(copy + part);
    write_bytes(copy, bytes_of(path));
    write_bytes(copy + "-wal", log.substr(0, bytes));
    // The beginning may be no Engram yet.
    successor next{copy, outside.clock->now()};
    const auto entries = next.user().ask().hits.size();
    if (!has_shrunk && entries < before) {
      CHECK(before == count);
      has_shrunk = true;
    }
    CHECK((entries >= before || entries == 0));
    before = entries;
    next->close();
    CHECK(ask_sql(copy, "SELECT count(*) FROM engram_saga")
          == std::to_string(entries));
    const auto marks
      = ask_sql(copy, "SELECT count(*) FROM engram_imprint_seen");
    CHECK(marks == std::to_string(has_shrunk ? count : entries));
  }
  CHECK(before == 0);
  CHECK(has_shrunk);
}
