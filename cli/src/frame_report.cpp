// SPDX-License-Identifier: Apache-2.0
#include "frame_report.hpp"

#include "columns.hpp"

#include <iomanip>
#include <ostream>

namespace cosmo::cli {

namespace {

constexpr std::string_view error_style = "1;31";
constexpr std::string_view warning_style = "33";

std::string verdict(const validation& found, const console& con) {
  if (!found.ok())
    return con.paint(error_style, "bad ");
  if (!found.warnings.empty())
    return con.paint(warning_style, "warn");
  return con.paint("32", "ok  ");
}

} // namespace

void frame_report::add(size_t number, const validation& found) {
  ++signals_;
  errors_ += found.errors.size();
  warnings_ += found.warnings.size();
  auto& out = con_.out();
  out << "  " << verdict(found, con_) << "  " << std::setw(6) << number << "  "
      << padded(printable(found.type), 18) << "  "
      << printable(slice(found.id, 0, 16)) << '\n';
  for (const auto& text : found.errors)
    out << "        " << con_.paint(error_style, "error: ") << printable(text)
        << '\n';
  if (!shows_warnings_)
    return;
  for (const auto& text : found.warnings)
    out << "        " << con_.paint(warning_style, "warn: ") << printable(text)
        << '\n';
}

void frame_report::print_totals() const {
  con_.out() << signals_ << " signals | " << errors_ << " errors | "
             << warnings_ << " warnings\n";
}

} // namespace cosmo::cli
