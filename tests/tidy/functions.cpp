#include "tests/tidy/functions.h"

#include "tests/tidy/source_tree.h"

#include <cctype>

namespace arangosync::tidy {

namespace {

/// Without "template <class X, …>": the words in it open nothing.
std::string_view without_template(std::string_view text) {
  if (!text.starts_with("template")) return text;
  std::size_t depth = 0;
  for (std::size_t at = text.find('<'); at < text.size(); ++at) {
    if (text[at] == '<') ++depth;
    if (text[at] == '>' && --depth == 0) return text.substr(at + 1);
  }
  return text;
}

bool opens_scope(std::string_view before) {
  before = without_template(before);
  for (auto const* word : {"namespace", "class", "struct", "union", "enum", "extern"}) {
    if (!find_word(before, word).empty()) {
      // "struct X f() {" returns a struct; "class X : public Y<void()> {" is rare enough not to matter.
      auto const bracket = before.find(')');
      return bracket == std::string_view::npos || find_word(before.substr(0, bracket), "operator").empty();
    }
  }
  return false;
}

/// The word before the first bracket: "decide" in "Decision decide(State const& state)".
std::string name_in(std::string_view signature) {
  auto const bracket = signature.find('(');
  if (bracket == std::string_view::npos) return {};
  auto end = bracket;
  while (end > 0 && std::isspace(static_cast<unsigned char>(signature[end - 1])) != 0) --end;
  auto start = end;
  while (start > 0) {
    char const c = signature[start - 1];
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != ':' && c != '~') break;
    --start;
  }
  return std::string(signature.substr(start, end - start));
}

std::string_view trimmed_front(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  return text;
}

}  // namespace

std::size_t after_closing_brace(std::string_view code, std::size_t open) {
  std::size_t depth = 0;
  for (auto at = open; at < code.size(); ++at) {
    if (code[at] == '{') ++depth;
    if (code[at] == '}' && --depth == 0) return at + 1;
  }
  return code.size();
}

std::vector<Function> functions_of(std::string_view code) {
  std::vector<Function> functions;
  std::size_t segment = 0;  // where the text before the next brace starts
  for (std::size_t at = 0; at < code.size(); ++at) {
    char const c = code[at];
    if (c == ';' || c == '}') segment = at + 1;
    if (c == '#') {  // a preprocessor line ends nothing and opens nothing
      while (at < code.size() && code[at] != '\n') ++at;
      segment = at;
    }
    if (c != '{') continue;
    auto const before = trimmed_front(code.substr(segment, at - segment));
    if (before.find('(') == std::string_view::npos || opens_scope(before)) {
      // A scope is walked into; a braced value ends by itself.
      segment = at + 1;
      continue;
    }
    auto const start = segment + (code.substr(segment, at - segment).size() - before.size());
    auto const end = after_closing_brace(code, at);
    Function function;
    function.name = name_in(before);
    function.line = line_number(code, start);
    function.lines = line_number(code, end == 0 ? 0 : end - 1) - function.line + 1;
    function.body = std::string(code.substr(at + 1, end > at + 1 ? end - at - 2 : 0));
    functions.push_back(std::move(function));
    at = end - 1;
    segment = end;
  }
  return functions;
}

std::vector<Function> python_functions_of(std::string_view text) {
  std::vector<Function> functions;
  auto const lines = lines_of(text);
  for (std::size_t first = 0; first < lines.size(); ++first) {
    auto const indent = lines[first].find_first_not_of(' ');
    if (indent == std::string_view::npos || !lines[first].substr(indent).starts_with("def ")) continue;
    std::size_t last = first;
    for (std::size_t at = first + 1; at < lines.size(); ++at) {
      auto const begin = lines[at].find_first_not_of(' ');
      if (begin == std::string_view::npos) continue;
      bool const closes_parameters = begin == indent && lines[at][begin] == ')';
      if (begin <= indent && !closes_parameters) break;
      last = at;
    }
    functions.push_back(Function{name_in(lines[first]), first + 1, last - first + 1, {}});
  }
  return functions;
}

std::vector<Function> go_functions_of(std::string_view text) {
  std::vector<Function> functions;
  auto const lines = lines_of(text);
  for (std::size_t first = 0; first < lines.size(); ++first) {
    if (!lines[first].starts_with("func ")) continue;
    bool const is_method = lines[first].starts_with("func (");
    std::string_view const name = lines[first].substr(is_method ? lines[first].find(')') + 1 : 0);
    std::size_t last = first;
    bool const is_one_line = lines[first].ends_with("}");
    while (!is_one_line && last + 1 < lines.size() && !lines[last].starts_with("}")) ++last;
    functions.push_back(Function{name_in(name), first + 1, last - first + 1, {}});
  }
  return functions;
}

}  // namespace arangosync::tidy
