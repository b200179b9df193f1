// Rows of revision trees that ArangoDB's own code computed (form: tests/data/revision/README.md): is ours the same?
// Used by the test of the recorded rows and by the program behind `./dev golden-trees`.
#pragma once

#include <string>
#include <string_view>

namespace arangosync::tests {

struct GoldenRow {
  enum class Verdict {
    Equal,
    Different,
    Unreadable,  ///< not a row of this form
  };
  Verdict verdict = Verdict::Unreadable;
  std::string name;    ///< kind and case, as far as they could be read
  std::string detail;  ///< one line: what differs, or what is wrong with the row; empty if equal
};

/// One line of such a file.
GoldenRow check_golden_row(std::string_view line);

}  // namespace arangosync::tests
