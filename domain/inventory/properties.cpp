#include "domain/inventory/properties.h"

namespace arangosync::inventory {

namespace {

constexpr std::size_t npos = std::string_view::npos;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

/// Just behind the string that starts at `at`, or npos.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return npos;
}

/// Just behind the value that starts at `at`, or npos.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  std::size_t i = at;
  while (i < text.size()) {
    char const c = text[i];
    if (c == '"') {
      i = end_of_string(text, i);
      if (i == npos) return npos;
      continue;
    }
    if (c == '{' || c == '[') {
      ++depth;
    } else if (depth > 0 && (c == '}' || c == ']')) {
      --depth;
    } else if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
      return i;
    }
    ++i;
  }
  return npos;
}

}  // namespace

std::map<std::string_view, std::string_view> members_of(std::string_view object) {
  std::map<std::string_view, std::string_view> members;
  std::size_t at = skip_space(object, 0);
  if (at >= object.size() || object[at] != '{') return {};
  ++at;
  while (true) {
    at = skip_space(object, at);
    if (at >= object.size() || object[at] != '"') return members;
    std::size_t const name_end = end_of_string(object, at);
    if (name_end == npos) return members;
    std::string_view const name = object.substr(at + 1, name_end - at - 2);
    at = skip_space(object, name_end);
    if (at >= object.size() || object[at] != ':') return members;
    at = skip_space(object, at + 1);
    std::size_t const end = end_of_value(object, at);
    if (end == npos) return members;
    std::size_t last = end;
    while (last > at && is_space(object[last - 1])) --last;
    members.emplace(name, object.substr(at, last - at));
    if (object[end] != ',') return members;
    at = end + 1;
  }
}

bool agree(std::string_view a, std::string_view b) {
  if (a == b) return true;
  bool const are_objects = !a.empty() && !b.empty() && a.front() == '{' && b.front() == '{';
  if (!are_objects) return false;
  auto const others = members_of(b);
  for (auto const& [name, value] : members_of(a)) {
    // The highest key ever generated moves with the documents.
    if (name == "lastValue") continue;
    auto const other = others.find(name);
    if (other != others.end() && !agree(value, other->second)) return false;
  }
  return true;
}

std::string differing_members(std::string_view wanted, std::string_view existing,
                              std::function<bool(std::string_view name)> const& skip) {
  auto const others = members_of(existing);
  std::string differing;
  for (auto const& [name, value] : members_of(wanted)) {
    if (skip && skip(name)) continue;
    auto const other = others.find(name);
    if (other == others.end() || agree(value, other->second)) continue;
    differing += differing.empty() ? "{\"" : ",\"";
    differing.append(name).append("\":").append(value);
  }
  return differing.empty() ? differing : differing + "}";
}

bool mentions(std::string_view text, std::string_view string) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '"') continue;
    std::size_t const end = end_of_string(text, at);
    if (end == npos) return false;
    std::string_view written = text.substr(at + 1, end - at - 2);
    if (auto const colons = written.rfind("::"); colons != npos) written.remove_prefix(colons + 2);
    if (written == string) return true;
    at = end - 1;
  }
  return false;
}

}  // namespace arangosync::inventory
