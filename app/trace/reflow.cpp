#include "app/trace/reflow.h"

#include <vector>

namespace arangosync::trace {

namespace {

/// For every opening bracket the place of its closing one; 0 elsewhere.
std::vector<std::size_t> partners(std::string_view line) {
  std::vector<std::size_t> found(line.size(), 0);
  std::vector<std::size_t> open;
  bool is_quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    char const c = line[at];
    if (c == '"') is_quoted = !is_quoted;
    if (is_quoted) continue;
    if (c == '{' || c == '[') open.push_back(at);
    if ((c == '}' || c == ']') && !open.empty()) {
      found[open.back()] = at;
      open.pop_back();
    }
  }
  return found;
}

class Writer {
public:
  Writer(std::string_view line, std::size_t columns) : line_(line), columns_(columns), partners_(partners(line)) {}

  std::string write() {
    range(0, line_.size(), 0);
    text_ += '\n';
    return std::move(text_);
  }

private:
  /// Writes [from, to): elements, separated by ", ", each of which may hold brackets.
  void range(std::size_t from, std::size_t to, std::size_t depth) {
    bool is_quoted = false;
    for (std::size_t at = from; at < to; ++at) {
      char const c = line_[at];
      if (c == '"') is_quoted = !is_quoted;
      std::size_t const end = is_quoted ? 0 : partners_[at];
      if (end > at && end - at > columns_) {
        text_ += c;
        new_line(depth + 1);
        range(at + 1, end, depth + 1);
        new_line(depth);
        text_ += line_[end];
        at = end;
      } else if (end > at) {
        text_ += line_.substr(at, end - at + 1);
        at = end;
      } else if (!is_quoted && c == ',' && depth > 0) {
        text_ += c;
        new_line(depth);
        ++at;  // the blank
      } else {
        text_ += c;
      }
    }
  }
  void new_line(std::size_t depth) {
    text_ += '\n';
    text_.append(2 * depth, ' ');
  }

  std::string_view line_;
  std::size_t columns_;
  std::vector<std::size_t> partners_;
  std::string text_;
};

}  // namespace

std::string reflowed(std::string_view line, std::size_t columns) { return Writer(line, columns).write(); }

}  // namespace arangosync::trace
