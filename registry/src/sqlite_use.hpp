// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <optional>
#include <string>

namespace cosmo::registry {

/// One use of a prepared statement. What is bound must outlive it.
class use {
public:
  explicit use(SQLite::Statement& statement) : statement_(statement) {
    // nop
  }

  ~use() {
    // Else it would hold its lock.
    statement_.tryReset();
  }

  use(const use&) = delete;
  use& operator=(const use&) = delete;

  void bind(int index, const std::string& text) {
    statement_.bindNoCopy(index, text);
  }

  void bind(int index, const std::optional<std::string>& text) {
    if (text)
      statement_.bindNoCopy(index, *text);
    else
      statement_.bind(index);
  }

  void bind(int index, int64_t number) {
    statement_.bind(index, number);
  }

private:
  SQLite::Statement& statement_;
};

inline std::string text_of(const SQLite::Column& column) {
  // The text comes first: it may have to be converted before it is measured.
  const auto* text = column.getText();
  return {text, static_cast<size_t>(column.getBytes())};
}

/// As above; NULL is no text.
inline std::optional<std::string>
optional_text_of(const SQLite::Column& column) {
  if (column.isNull())
    return std::nullopt;
  return text_of(column);
}

} // namespace cosmo::registry
