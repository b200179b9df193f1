#include "adapters/cluster/json_value.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

namespace arangosync::cluster {
namespace json = boost::json;

namespace {
// A collection's schema may be nested deeply; Boost's own limit of 32 would make the whole answer unreadable.
constexpr std::size_t nesting_max = 256;
}  // namespace

std::optional<json::value> parse_json(std::string_view text) {
  json::error_code error;
  json::parse_options options;
  options.max_depth = nesting_max;
  auto value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error) return std::nullopt;
  return value;
}

json::value const* member(json::value const& value, std::string_view name) {
  auto const* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains(json::string_view(name.data(), name.size()));
}

std::optional<std::string> string_of(json::value const& value, std::string_view name) {
  auto const* found = member(value, name);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  auto const& text = found->get_string();
  return std::string(text.data(), text.size());
}

std::optional<std::int64_t> integer_of(json::value const& value, std::string_view name) {
  auto const* found = member(value, name);
  if (found == nullptr) return std::nullopt;
  if (auto const* number = found->if_int64()) return *number;
  return std::nullopt;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  std::uint64_t number = 0;
  auto const* const end = text.data() + text.size();
  auto const [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end || text.empty()) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> unsigned_of(json::value const& value, std::string_view name) {
  auto const* found = member(value, name);
  if (found == nullptr) return std::nullopt;
  if (auto const* text = found->if_string()) return parse_unsigned(std::string_view(text->data(), text->size()));
  if (auto const* number = found->if_uint64()) return *number;
  if (auto const* number = found->if_int64(); number != nullptr && *number >= 0)
    return static_cast<std::uint64_t>(*number);
  return std::nullopt;
}

std::string id_of(json::value const& value, std::string_view name) {
  if (auto text = string_of(value, name)) return *text;
  if (auto number = unsigned_of(value, name)) return std::to_string(*number);
  return {};
}

bool true_of(json::value const& value, std::string_view name, bool otherwise) {
  auto const* found = member(value, name);
  return found != nullptr && found->is_bool() ? found->get_bool() : otherwise;
}

namespace {

void write_canonical(json::value const& value, std::string& out) {
  if (auto const* object = value.if_object()) {
    std::vector<json::key_value_pair const*> members;
    for (auto const& pair : *object) members.push_back(&pair);
    std::sort(members.begin(), members.end(), [](auto const* a, auto const* b) { return a->key() < b->key(); });
    out += '{';
    for (auto const* pair : members) {
      if (out.back() != '{') out += ',';
      out += quoted(std::string_view(pair->key().data(), pair->key().size()));
      out += ':';
      write_canonical(pair->value(), out);
    }
    out += '}';
  } else if (auto const* array = value.if_array()) {
    out += '[';
    bool first = true;
    for (auto const& element : *array) {
      if (!first) out += ',';
      first = false;
      write_canonical(element, out);
    }
    out += ']';
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string canonical(json::value const& value) {
  std::string out;
  write_canonical(value, out);
  return out;
}

std::string quoted(std::string_view text) { return json::serialize(json::string_view(text.data(), text.size())); }

}  // namespace arangosync::cluster
