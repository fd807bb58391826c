// SPDX-License-Identifier: Apache-2.0
#include <cosmo/served_engram.hpp>

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <typeinfo>
#include <utility>

namespace cosmo {

namespace {

/// How many rollbacks are remembered.
constexpr size_t remembered = 1'024;

/// The name of a type as its author wrote it.
std::string name_of(const std::type_info& type) {
  int status = 0;
  std::unique_ptr<char, void (*)(void*)> readable{
    abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free};
  return status == 0 ? readable.get() : type.name();
}

} // namespace

served_engram::served_engram(engram_description what) : what_(std::move(what)) {
  if (what_.engram_kind.empty())
    what_.engram_kind = "context";
}

std::shared_ptr<served_engram> serve(engram_description what) {
  return std::make_shared<served_engram>(std::move(what));
}

// -- functions -----------------------------------------------------------------

served_engram& served_engram::on_recall(recall_function fn) {
  recall_.push_back(std::move(fn));
  return *this;
}

served_engram& served_engram::on_imprint(imprint_function fn) {
  imprint_.push_back(std::move(fn));
  return *this;
}

served_engram&
served_engram::serves(std::function<bool(const json& query)> fn) {
  serves_ = std::move(fn);
  return *this;
}

served_engram& served_engram::on_compensate(compensate_function fn) {
  compensate_ = std::move(fn);
  return *this;
}

served_engram& served_engram::on_commit(commit_function fn) {
  commit_ = std::move(fn);
  return *this;
}

// -- engram_backend ------------------------------------------------------------

caf::error served_engram::connect(const world&) {
  return {};
}

void served_engram::close() {
  // nop
}

bool served_engram::can_serve(const json& query) {
  return serves_ ? serves_(query) : !recall_.empty();
}

caf::expected<recall_finds> served_engram::recall(const recall_request& what) {
  for (auto& fn : recall_)
    if (auto finds = fn(what))
      return std::move(*finds);
  return recall_finds{};
}

caf::expected<std::vector<imprint_receipt>>
served_engram::imprint(const std::vector<imprint_request>& writes) {
  std::vector<imprint_receipt> result;
  for (auto& x : writes) {
    auto& receipt = result.emplace_back(write(x));
    receipt.engram_id = what_.engram_id;
    receipt.op = x.op;
  }
  return result;
}

imprint_receipt served_engram::write(const imprint_request& what) const {
  try {
    for (auto& fn : imprint_) {
      auto answer = fn(what);
      if (auto receipt = std::get_if<imprint_receipt>(&answer))
        return std::move(*receipt);
      if (auto id = std::get_if<std::string>(&answer))
        return {.id = std::move(*id)};
      if (std::get<bool>(answer))
        return {};
    }
    return {.error = "unhandled imprint op '" + what.op + "'"};
  } catch (const std::exception& err) {
    return {.error = name_of(typeid(err)) + ": " + err.what()};
  } catch (...) {
    return {.error = "unknown exception"};
  }
}

caf::expected<rollback_report>
served_engram::compensate(const rollback_order& order) {
  for (auto& [stop_id, report] : done_)
    if (stop_id == order.stop_id)
      return report;
  rollback_report result;
  if (compensate_)
    result.compensated = compensate_(order.trace_id);
  counts_.compensated += result.compensated;
  done_.emplace_back(order.stop_id, result);
  if (done_.size() > remembered)
    done_.pop_front();
  return result;
}

caf::error served_engram::commit(const std::string& trace_id) {
  if (commit_)
    commit_(trace_id);
  return {};
}

std::optional<engram_journal_counts> served_engram::counts() {
  return counts_;
}

} // namespace cosmo
