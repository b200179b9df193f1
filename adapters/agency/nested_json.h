// JSON of agents. The plan holds collections' schemas, which may be nested deeply; Boost's own limit is 32.
#pragma once

#include <boost/json.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace arangosync::agency {

inline constexpr std::size_t nesting_max = 256;

/// Absent: it is none, or nested more deeply. Untrusted input.
inline std::optional<boost::json::value> parse_nested(std::string_view text) {
  boost::json::error_code error;
  boost::json::parse_options options;
  options.max_depth = nesting_max;
  auto value = boost::json::parse(boost::json::string_view(text.data(), text.size()), error, {}, options);
  if (error) return std::nullopt;
  return value;
}

}  // namespace arangosync::agency
