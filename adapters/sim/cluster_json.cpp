#include "adapters/sim/cluster_json.h"

#include "domain/base/check.h"

#include <simdjson.h>

#include <algorithm>

namespace arangosync::sim::json {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads one value and says where it ends. With `Check` it refuses what is not JSON; without it expects JSON.
class Scanner {
public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool value(unsigned depth) {
    if (depth > 200) return false;
    space();
    switch (peek()) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }
  void space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  std::size_t at() const { return at_; }
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool take(char c) {
    if (peek() != c || at_end()) return false;
    ++at_;
    return true;
  }

  bool string() {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
      auto c = static_cast<unsigned char>(text_[at_++]);
      if (c == '"') return true;
      if (c < 0x20) return false;
      if (c == '\\' && !escape()) return false;
    }
    return false;
  }

  /// Steps over a value of text known to be valid: only brackets and strings matter.
  void skip() {
    std::size_t depth = 0;
    do {
      char c = text_[at_];
      if (c == '"') {
        skip_string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') {
        if (depth == 0) return;
        --depth;
      }
      if (depth == 0 && (c == ',' || is_space(c))) return;
      ++at_;
    } while (at_ < text_.size() && (depth > 0 || !ends_value(text_[at_])));
  }
  void skip_string() {
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    ++at_;
  }

private:
  static bool ends_value(char c) { return c == ',' || c == '}' || c == ']' || c == ':' || is_space(c); }
  bool escape() {
    char c = peek();
    if (at_end()) return false;
    ++at_;
    if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    for (int i = 0; i < 4; ++i, ++at_) {
      char h = peek();
      if (!is_digit(h) && !(h >= 'a' && h <= 'f') && !(h >= 'A' && h <= 'F')) return false;
    }
    return true;
  }
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }
  bool digits() {
    if (!is_digit(peek())) return false;
    while (is_digit(peek())) ++at_;
    return true;
  }
  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }
  bool object(unsigned depth) {
    take('{');
    space();
    if (take('}')) return true;
    do {
      space();
      if (!string()) return false;
      space();
      if (!take(':') || !value(depth + 1)) return false;
      space();
    } while (take(','));
    return take('}');
  }
  bool array(unsigned depth) {
    take('[');
    space();
    if (take(']')) return true;
    do {
      if (!value(depth + 1)) return false;
      space();
    } while (take(','));
    return take(']');
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

std::uint32_t hex4(std::string_view digits) {
  std::uint32_t code = 0;
  for (char c : digits) {
    std::uint32_t digit =
        is_digit(c) ? static_cast<std::uint32_t>(c - '0') : static_cast<std::uint32_t>((c | 0x20) - 'a' + 10);
    code = (code << 4) | digit;
  }
  return code;
}

/// Appends what the \u escape at `at` (behind the 'u') stands for; moves `at` behind it, and behind a second half.
void append_escaped(std::string& out, std::string_view inner, std::size_t& at) {
  std::uint32_t code = hex4(inner.substr(at, 4));
  at += 4;
  bool is_pair = code >= 0xD800 && code < 0xDC00 && inner.substr(at, 2) == "\\u";
  if (is_pair) {
    std::uint32_t low = hex4(inner.substr(at + 2, 4));
    if (low >= 0xDC00 && low < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      at += 6;
    }
  }
  append_utf8(out, code);
}

}  // namespace

bool is_valid(std::string_view text) {
  Scanner scanner(text);
  if (!scanner.value(0)) return false;
  scanner.space();
  return scanner.at_end() && simdjson::validate_utf8(text.data(), text.size());
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_number(std::string_view value) { return !value.empty() && (value.front() == '-' || is_digit(value.front())); }

bool is_true(std::string_view value) { return value == "true" || (is_number(value) && value != "0"); }

std::optional<std::uint64_t> to_uint(std::string_view value) {
  if (is_string(value)) value = value.substr(1, value.size() - 2);
  if (value.empty() || value.size() > 20) return std::nullopt;
  std::uint64_t number = 0;
  for (char c : value) {
    if (!is_digit(c)) return std::nullopt;
    auto digit = static_cast<std::uint64_t>(c - '0');
    if (number > (~std::uint64_t{0} - digit) / 10) return std::nullopt;
    number = number * 10 + digit;
  }
  return number;
}

std::vector<Member> members(std::string_view object) {
  std::vector<Member> found;
  if (!is_object(object)) return found;
  Scanner scanner(object);
  scanner.take('{');
  scanner.space();
  while (scanner.peek() == '"') {
    std::size_t begin = scanner.at();
    scanner.skip_string();
    auto name = object.substr(begin, scanner.at() - begin);
    scanner.space();
    scanner.take(':');
    scanner.space();
    begin = scanner.at();
    scanner.skip();
    bool is_plain = name.find('\\') == std::string_view::npos;
    found.push_back({is_plain ? std::string(name.substr(1, name.size() - 2)) : text_of(name),
                     object.substr(begin, scanner.at() - begin)});
    scanner.space();
    scanner.take(',');
    scanner.space();
  }
  return found;
}

std::vector<std::string_view> elements(std::string_view array) {
  std::vector<std::string_view> found;
  if (!is_array(array)) return found;
  Scanner scanner(array);
  scanner.take('[');
  scanner.space();
  while (!scanner.at_end() && scanner.peek() != ']') {
    std::size_t begin = scanner.at();
    scanner.skip();
    found.push_back(array.substr(begin, scanner.at() - begin));
    scanner.space();
    scanner.take(',');
    scanner.space();
  }
  return found;
}

std::string_view find(std::vector<Member> const& list, std::string_view name) {
  for (Member const& member : list) {
    if (member.name == name) return member.value;
  }
  return {};
}

std::string_view find(std::string_view object, std::string_view name) { return find(members(object), name); }

std::string text_of(std::string_view string) {
  if (!is_string(string)) return std::string(string);
  std::string_view inner = string.substr(1, string.size() - 2);
  if (inner.find('\\') == std::string_view::npos) return std::string(inner);
  std::string out;
  for (std::size_t at = 0; at < inner.size();) {
    char c = inner[at++];
    if (c != '\\') {
      out += c;
      continue;
    }
    char escaped = inner[at++];
    constexpr std::string_view from = "bfnrt";
    auto known = from.find(escaped);
    if (escaped == 'u')
      append_escaped(out, inner, at);
    else
      out += known == std::string_view::npos ? escaped : "\b\f\n\r\t"[known];
  }
  return out;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20) {
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      constexpr std::string_view hex = "0123456789abcdef";
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  out += '"';
}

std::string quote(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

void append_compact(std::string& out, std::string_view value) {
  bool in_string = false;
  for (std::size_t at = 0; at < value.size(); ++at) {
    char c = value[at];
    if (!in_string && is_space(c)) continue;
    out += c;
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\\' && at + 1 < value.size()) out += value[++at];
  }
}

std::string compact(std::string_view value) {
  std::string out;
  append_compact(out, value);
  return out;
}

bool equal(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (is_string(a) && is_string(b)) return text_of(a) == text_of(b);
  if (is_array(a) && is_array(b)) {
    auto left = elements(a);
    auto right = elements(b);
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), equal);
  }
  if (!is_object(a) || !is_object(b)) return false;
  auto left = members(a);
  auto right = members(b);
  return left.size() == right.size() && std::all_of(left.begin(), left.end(), [&](Member const& member) {
           std::string_view other = find(right, member.name);
           return !other.empty() && equal(member.value, other);
         });
}

std::vector<std::string_view> lines(std::string_view text) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = trim(text.substr(0, end));
    if (!line.empty()) found.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

Object& Object::raw(std::string_view name, std::string_view json) {
  out_ += is_empty_ ? '{' : ',';
  is_empty_ = false;
  append_quoted(out_, name);
  out_ += ':';
  out_ += json;
  return *this;
}

Object& Object::all_of(std::string_view object) {
  for (Member const& member : members(object)) raw(member.name, member.value);
  return *this;
}

std::string array(std::vector<std::string> const& values) {
  std::string out = "[";
  for (auto const& value : values) {
    if (out.size() > 1) out += ',';
    out += value;
  }
  return out + ']';
}

std::string array_of_texts(std::vector<std::string> const& values) {
  std::vector<std::string> quoted;
  quoted.reserve(values.size());
  for (auto const& value : values) quoted.push_back(quote(value));
  return array(quoted);
}

}  // namespace arangosync::sim::json
