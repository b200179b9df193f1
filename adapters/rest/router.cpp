#include "adapters/rest/router.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace arangosync::rest {

namespace {

constexpr std::size_t name_bytes_max = 1024;

bool matches(std::string_view pattern, std::vector<std::string> const& segments, std::vector<std::string>& path) {
  path.clear();
  std::size_t place = 0;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);  // the slash
    std::size_t const end = std::min(pattern.find('/'), pattern.size());
    std::string_view const part = pattern.substr(0, end);
    pattern.remove_prefix(end);
    if (place == segments.size()) return false;
    std::string const& segment = segments[place++];
    if (part == "{}") {
      if (segment.empty()) return false;
      path.push_back(segment);
    } else if (part != segment) {
      return false;
    }
  }
  return place == segments.size();
}

}  // namespace

Route const* find_route(std::vector<Route> const& routes, std::string_view method,
                        std::vector<std::string> const& segments, std::vector<std::string>& path) {
  for (Route const& route : routes) {
    if (route.method == method && matches(route.pattern, segments, path)) return &route;
  }
  return nullptr;
}

bool are_names(std::vector<std::string> const& path) {
  auto const is_name = [](std::string const& part) {
    bool const is_plain = std::none_of(
        part.begin(), part.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/'; });
    return is_plain && part.size() <= name_bytes_max && simdjson::validate_utf8(part);
  };
  return std::all_of(path.begin(), path.end(), is_name);
}

std::optional<std::uint32_t> parse_index(std::string_view text) {
  std::uint32_t index = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return index;
}

std::optional<ShardRef> parse_shard(std::vector<std::string> const& path, std::size_t first) {
  auto const index = parse_index(path.at(first + 2));
  if (!index) return std::nullopt;
  return ShardRef{DatabaseName(path[first]), CollectionName(path[first + 1]), *index};
}

}  // namespace arangosync::rest
