#include "tests/tidy/source_tree.h"
#include "tests/paths/paths.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace arangosync::tidy {

namespace fs = std::filesystem;

namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Walks C++ text and blanks what is no code. One step per token that matters.
class Blanker {
public:
  explicit Blanker(std::string_view text) : in_(text), out_(text) {}

  std::string run() {
    while (at_ < in_.size()) step();
    return std::move(out_);
  }

private:
  bool starts(std::string_view with) const { return in_.substr(at_, with.size()) == with; }

  void blank_until(std::size_t end) {
    for (end = std::min(end, in_.size()); at_ < end; ++at_) {
      if (in_[at_] != '\n') out_[at_] = ' ';
    }
  }

  std::size_t after(std::string_view what, std::size_t from) const {
    auto const found = in_.find(what, from);
    return found == std::string_view::npos ? in_.size() : found + what.size();
  }

  void quoted(char quote) {
    auto end = at_ + 1;
    while (end < in_.size() && in_[end] != quote && in_[end] != '\n') end += in_[end] == '\\' ? 2 : 1;
    ++at_;  // the quotes stay, so that a call with a literal still looks like one
    blank_until(end);
    if (at_ < in_.size()) ++at_;
  }

  void raw_string() {
    auto const open = in_.find('(', at_);
    if (open == std::string_view::npos) return blank_until(in_.size());
    auto const delimiter = ")" + std::string(in_.substr(at_ + 2, open - at_ - 2)) + "\"";
    blank_until(after(delimiter, open));
  }

  void step() {
    if (starts("//")) return blank_until(in_.find('\n', at_));
    if (starts("/*")) return blank_until(after("*/", at_ + 2));
    bool const in_word = at_ > 0 && is_word(in_[at_ - 1]);
    if (starts("R\"") && !in_word) return raw_string();
    // An include's quotes are looked at in the raw text; digits may be grouped by apostrophes.
    if (in_[at_] == '"') return quoted('"');
    if (in_[at_] == '\'' && !in_word) return quoted('\'');
    ++at_;
  }

  std::string_view in_;
  std::string out_;
  std::size_t at_ = 0;
};

bool is_ours(std::string const& path) {
  static std::set<std::string> const extensions{".cpp", ".h",  ".cmake", ".txt", ".py", ".md",
                                                ".fbs", ".sh", ".json",  ".yml", ".go", ".mjs"};
  if (path.starts_with("tests/data/") || path.starts_with("fuzz/corpus/")) return false;
  if (path == "dev" || path == ".ci/run") return true;
  return extensions.contains(fs::path(path).extension().string());
}

bool is_foreign_folder(fs::path const& folder) {
  auto const name = folder.filename().string();
  return name == ".git" || name == "__pycache__" || name.starts_with("build") || name.starts_with(".cache");
}

std::vector<SourceFile> load() {
  std::vector<SourceFile> files;
  fs::path const base(root());
  for (auto entry = fs::recursive_directory_iterator(base); entry != fs::recursive_directory_iterator(); ++entry) {
    if (entry->is_directory() && is_foreign_folder(entry->path())) entry.disable_recursion_pending();
    if (!entry->is_regular_file()) continue;
    SourceFile file;
    file.path = entry->path().lexically_relative(base).generic_string();
    if (!is_ours(file.path)) continue;
    std::ifstream in(entry->path(), std::ios::binary);
    std::ostringstream content;
    content << in.rdbuf();
    file.text = content.str();
    if (file.is_cpp()) file.code = blank_out(file.text);
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(), [](SourceFile const& a, SourceFile const& b) { return a.path < b.path; });
  return files;
}

}  // namespace

std::string root() { return tests::source_folder() + "/"; }

std::vector<SourceFile> const& source_tree() {
  static std::vector<SourceFile> const files = load();
  return files;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    auto const end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::size_t line_number(std::string_view text, std::size_t offset) {
  return 1 +
         static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

std::string blank_out(std::string_view cpp) { return Blanker(cpp).run(); }

std::vector<Include> includes_of(SourceFile const& file) {
  std::vector<Include> includes;
  std::size_t number = 0;
  for (auto const line : lines_of(file.text)) {
    ++number;
    auto const hash = line.find_first_not_of(" \t");
    if (hash == std::string_view::npos || line.substr(hash, 1) != "#") continue;
    auto const word = line.find("include", hash);
    if (word == std::string_view::npos) continue;
    auto const open = line.find_first_of("<\"", word);
    if (open == std::string_view::npos) continue;
    bool const quoted = line[open] == '"';
    auto const close = line.find(quoted ? '"' : '>', open + 1);
    if (close == std::string_view::npos) continue;
    includes.push_back({std::string(line.substr(open + 1, close - open - 1)), quoted, number});
  }
  return includes;
}

std::vector<std::size_t> find_word(std::string_view code, std::string_view word) {
  std::vector<std::size_t> found;
  for (auto at = code.find(word); at != std::string_view::npos; at = code.find(word, at + 1)) {
    bool const starts = at == 0 || !is_word(code[at - 1]) || !is_word(word.front());
    auto const end = at + word.size();
    bool const is_prefix = word.back() == '_';
    bool const ends = is_prefix || end >= code.size() || !is_word(code[end]) || !is_word(word.back());
    if (starts && ends) found.push_back(at);
  }
  return found;
}

}  // namespace arangosync::tidy
