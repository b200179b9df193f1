// Cuts JSON text into its parts without ever rewriting a value: numbers and escapes stay as they were written.
// Called by the cluster model and app/sandbox. Views point into the text given. No errors but "this is not JSON".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace arangosync::sim::json {

/// True if `text` is one JSON value (RFC 8259, nested at most 200 deep, valid UTF-8), white space around it allowed.
bool is_valid(std::string_view text);

/// The value without white space around it.
std::string_view trim(std::string_view text);

// Everything below expects valid, trimmed JSON.
inline bool is_object(std::string_view value) { return !value.empty() && value.front() == '{'; }
inline bool is_array(std::string_view value) { return !value.empty() && value.front() == '['; }
inline bool is_string(std::string_view value) { return !value.empty() && value.front() == '"'; }
inline bool is_null(std::string_view value) { return value == "null"; }
bool is_number(std::string_view value);
/// As a flag: true, or a number other than 0; everything else is false.
bool is_true(std::string_view value);
std::optional<std::uint64_t> to_uint(std::string_view value);  ///< of a number or of a string of digits

struct Member {
  std::string name;        ///< unescaped
  std::string_view value;  ///< trimmed
};
std::vector<Member> members(std::string_view object);
std::vector<std::string_view> elements(std::string_view array);
// The views would outlive a temporary text.
template <class Text>
requires std::is_same_v<Text, std::string> std::vector<Member> members(Text&&)
= delete;
template <class Text>
requires std::is_same_v<Text, std::string> std::vector<std::string_view> elements(Text&&)
= delete;
/// The first member of that name; empty if there is none.
std::string_view find(std::string_view object, std::string_view name);
std::string_view find(std::vector<Member> const& list, std::string_view name);

std::string text_of(std::string_view string);  ///< unescapes a JSON string
std::string quote(std::string_view text);      ///< the reverse
void append_quoted(std::string& out, std::string_view text);
/// Appends `value` without white space between its tokens.
void append_compact(std::string& out, std::string_view value);
std::string compact(std::string_view value);
/// Equality of values: member order does not matter, 1 and 1.0 are different.
bool equal(std::string_view a, std::string_view b);

/// Splits text into its lines' values (JSON Lines), skipping empty lines.
std::vector<std::string_view> lines(std::string_view text);

/// Builds an object member by member.
class Object {
public:
  Object& raw(std::string_view name, std::string_view json);
  Object& all_of(std::string_view object);  ///< the members of another object
  Object& text(std::string_view name, std::string_view value) { return raw(name, quote(value)); }
  Object& flag(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
  Object& number(std::string_view name, std::uint64_t value) { return raw(name, std::to_string(value)); }
  std::string take() { return std::move(out_) + (is_empty_ ? "{}" : "}"); }

private:
  std::string out_;
  bool is_empty_ = true;
};

/// "[a,b,c]" of JSON texts.
std::string array(std::vector<std::string> const& values);
/// "["a","b"]" of plain texts.
std::string array_of_texts(std::vector<std::string> const& values);

}  // namespace arangosync::sim::json
