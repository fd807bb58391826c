// SPDX-License-Identifier: Apache-2.0
#include "engram_samples.hpp"

#include "support/outcome_of.hpp"
#include <cosmo/memory_engram.hpp>
#include <cosmo/sqlite_engram.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

namespace cosmo {

std::ostream& operator<<(std::ostream& out, const rollback_report& x) {
  return out << "{compensated " << x.compensated << ", conflicts "
             << x.conflicts << ", failed " << x.failed
             << (x.done ? ", done}" : "}");
}

} // namespace cosmo

namespace cosmo::test {

// -- engram_user --------------------------------------------------------------

imprint_request engram_user::request(const edit& what) const {
  imprint_request result{.op = what.op,
                         .entry = what.entry,
                         .imprint_id = what.imprint_id,
                         .trace_id = what.trace,
                         .sent_at = now()};
  if (!what.key.empty())
    result.merge_key = what.key;
  return result;
}

imprint_receipt engram_user::tell(const edit& what) {
  return tell_all({what}).front();
}

std::vector<imprint_receipt>
engram_user::tell_all(const std::vector<edit>& what) {
  advance(std::chrono::microseconds{1});
  std::vector<imprint_request> requests;
  requests.reserve(what.size());
  for (const auto& x : what)
    requests.push_back(request(x));
  auto result = own_.imprint(requests);
  if (!result)
    FAIL(describe(result.error()));
  REQUIRE(result->size() == what.size());
  return std::move(*result);
}

recall_finds engram_user::ask(json query, json filters) {
  auto result
    = own_.recall({.query = std::move(query), .filters = std::move(filters)});
  if (!result)
    FAIL(describe(result.error()));
  return std::move(*result);
}

std::string engram_user::contents(json query, json filters) {
  std::string result;
  for (const auto& hit : ask(std::move(query), std::move(filters)).hits)
    result += (result.empty() ? "" : " ") + json_to_wire(hit.entry["content"]);
  return result;
}

std::string engram_user::at_key(const std::string& key) {
  const auto finds = ask({{"merge_key", key}, {"top_k", 1}});
  return finds.hits.empty() ? "none"
                            : json_to_wire(finds.hits.front().entry["content"]);
}

rollback_report engram_user::step(const std::string& trace,
                                  const std::string& stop) {
  auto result = own_.compensate(
    {.trace_id = trace, .stop_id = stop, .stopped_at = now()});
  if (!result)
    FAIL(describe(result.error()));
  return *result;
}

rollback_report engram_user::roll_back(const std::string& trace,
                                       const std::string& stop) {
  advance(std::chrono::microseconds{1});
  for (int steps = 0; steps < 1'000; ++steps)
    if (const auto report = step(trace, stop); report.done)
      return report;
  FAIL("the rollback does not come to an end");
  return {};
}

// -- pieces of tests ----------------------------------------------------------

edit put(json content, std::string trace, std::string key) {
  return {.op = "upsert",
          .entry = {{"content", std::move(content)}},
          .key = std::move(key),
          .trace = std::move(trace)};
}

std::string picture(engram_user& user) {
  std::string result;
  for (auto hit : user.ask({{"top_k", 1'000}}).hits) {
    hit.entry.erase("version");
    hit.entry.erase("updated_at");
    result += json_to_wire(hit.entry) + '\n';
  }
  return result;
}

// -- any_engram ---------------------------------------------------------------

any_engram::any_engram(const engram_rules& rules) {
  const std::string kind = GENERATE("memory", "SQLite in memory", "a file");
  UNSCOPED_INFO("engram: " << kind);
  in_file_ = kind == "a file";
  if (kind == "memory")
    own_ = std::make_unique<memory_engram>(
      memory_engram_options{.engram_id = "engram", .rules = rules});
  else
    own_ = std::make_unique<sqlite_engram>(
      in_file_ ? folder_.file("engram.db") : ":memory:",
      sqlite_engram_options{.engram_id = "engram",
                            .rules = rules,
                            .durability = engram_durability::normal});
  REQUIRE(outcome_of(own_->connect(outside_.outside)) == "ok");
}

void any_engram::restart() {
  if (!in_file_)
    return;
  own_->close();
  REQUIRE(outcome_of(own_->connect(outside_.outside)) == "ok");
}

std::string said(const imprint_receipt& receipt) {
  return receipt.error.value_or("ok");
}

std::string token_of(const imprint_receipt& receipt) {
  const auto text = said(receipt);
  return text.substr(0, text.find(':'));
}

} // namespace cosmo::test
