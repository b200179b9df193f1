// Defensive reading of JSON answers (Boost.JSON): whatever a server sends, nothing here throws. Included by .cpp files
// only. Ids and ticks come as strings in most places and as numbers in some (spec arangodb-read 10, trap 1): both are
// taken.
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace arangosync::cluster {

std::optional<boost::json::value> parse_json(std::string_view text);

/// The member, or null if `value` is no object or lacks it.
boost::json::value const* member(boost::json::value const& value, std::string_view name);

std::optional<std::string> string_of(boost::json::value const& value, std::string_view name);
std::optional<std::int64_t> integer_of(boost::json::value const& value, std::string_view name);
/// A decimal string or a number.
std::optional<std::uint64_t> unsigned_of(boost::json::value const& value, std::string_view name);
/// The same as text; empty if absent.
std::string id_of(boost::json::value const& value, std::string_view name);
bool true_of(boost::json::value const& value, std::string_view name, bool otherwise = false);

std::optional<std::uint64_t> parse_unsigned(std::string_view text);

/// Members sorted by name at every depth, no white space: two equal values have equal texts.
std::string canonical(boost::json::value const& value);

/// A JSON string literal with its quotes.
std::string quoted(std::string_view text);

}  // namespace arangosync::cluster
