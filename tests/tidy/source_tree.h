// The tree as the tidy tests see it: its files, their lines, and C++ text with comments and literals blanked out, so
// that a word in a sentence is not mistaken for code.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::tidy {

struct SourceFile {
  std::string path;  ///< from the root, "domain/base/ids.h"
  std::string text;
  std::string code;  ///< C++ only: same length and lines, comments and literals replaced by blanks
  bool is_cpp() const { return path.ends_with(".cpp") || path.ends_with(".h"); }
  bool in(std::string_view folder) const { return path.starts_with(folder); }
};

/// All our own text files: C++, CMake, Python, Markdown, schemas, scripts. Not build folders, recorded data and
/// corpora.
std::vector<SourceFile> const& source_tree();

/// The folder that holds the sources, with a slash at the end.
std::string root();

std::vector<std::string_view> lines_of(std::string_view text);
std::size_t line_number(std::string_view text, std::size_t offset);  ///< from 1

/// Comments, string and character literals become blanks; line feeds stay.
std::string blank_out(std::string_view cpp);

struct Include {
  std::string target;  ///< what stands between quotes or brackets
  bool quoted = false;
  std::size_t line = 0;
};
std::vector<Include> includes_of(SourceFile const& file);

/// Offsets at which `word` stands as a whole word, or begins one if it ends in an underscore.
std::vector<std::size_t> find_word(std::string_view code, std::string_view word);

}  // namespace arangosync::tidy
