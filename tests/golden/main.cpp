// golden_trees FILE: are our revision trees those of ArangoDB? One line per row of FILE, then the sums. For
// `./dev golden-trees`. Exits with 0 if all rows are equal, 1 if any differs or is unreadable, 2 without a usable file.
#include "tests/golden/trees.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

using arangosync::tests::check_golden_row;
using Verdict = arangosync::tests::GoldenRow::Verdict;

struct Sums {
  unsigned equal = 0;
  unsigned different = 0;
  unsigned unreadable = 0;
};

void check_line(std::string const& line, unsigned number, Sums& sums) {
  auto const row = check_golden_row(line);
  char const* verdict = "equal";
  switch (row.verdict) {
    case Verdict::Equal:
      ++sums.equal;
      break;
    case Verdict::Different:
      ++sums.different;
      verdict = "different";
      break;
    case Verdict::Unreadable:
      ++sums.unreadable;
      verdict = "unreadable";
      break;
  }
  std::printf("%-10s line %u%s%s%s%s\n", verdict, number, row.name.empty() ? "" : ": ", row.name.c_str(),
              row.detail.empty() ? "" : ": ", row.detail.c_str());
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 2) {
    std::fprintf(stderr, "usage: golden_trees FILE\n");
    return 2;
  }
  std::error_code trouble;
  std::ifstream file(arguments[1]);
  if (!std::filesystem::is_regular_file(arguments[1], trouble) || !file.is_open()) {
    std::fprintf(stderr, "golden-trees: cannot read %s\n", arguments[1]);
    return 2;
  }
  Sums sums;
  unsigned number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") != std::string::npos) check_line(line, number, sums);
  }
  if (sums.equal + sums.different + sums.unreadable == 0) {
    std::fprintf(stderr, "golden-trees: no rows in %s\n", arguments[1]);
    return 2;
  }
  std::printf("%u equal, %u different, %u unreadable\n", sums.equal, sums.different, sums.unreadable);
  return sums.different + sums.unreadable == 0 ? 0 : 1;
}
