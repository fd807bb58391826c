// SPDX-License-Identifier: Apache-2.0
#include "text_table.hpp"

#include "columns.hpp"

#include <algorithm>
#include <ostream>

namespace cosmo::cli {

void print_table(const std::vector<std::vector<std::string>>& rows,
                 const console& con) {
  std::vector<size_t> widths(rows.front().size());
  for (const auto& row : rows)
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], code_points(row[i]));
  for (const auto& row : rows) {
    std::string text;
    for (size_t i = 0; i < row.size(); ++i)
      text += "  " + padded(row[i], widths[i]);
    text.erase(text.find_last_not_of(' ') + 1);
    con.out() << (&row == &rows.front() ? con.paint("1", text) : text) << '\n';
  }
}

} // namespace cosmo::cli
