// Text tables for people: a header line, columns as wide as their widest cell, two blanks between them, none at the
// end.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::cli {

class Table {
public:
  explicit Table(std::vector<std::string> header);

  /// As many cells as the header has. Control characters in a cell are shown as "?".
  void row(std::vector<std::string> cells);
  bool empty() const { return rows_.size() == 1; }

  /// With a line feed at the end; each line starts with `indent`.
  std::string text(std::string_view indent = "") const;

private:
  std::vector<std::vector<std::string>> rows_;  // the header is the first
};

/// The text in one line that moves no cursor: control characters, those of Unicode too, are shown as "?".
std::string printable(std::string text);

/// Columns that a UTF-8 text takes, counting each code point as one.
std::size_t display_width(std::string_view utf8);

}  // namespace arangosync::cli
