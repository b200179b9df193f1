// Compares attribute values that we do not interpret: canonical JSON texts (members sorted, no white space).
//
// Used by plan.cpp. Splits objects into members without understanding the values; never parses numbers or decodes
// strings. Texts come from our own adapters; one that is no object has no members.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace arangosync::inventory {

/// Members of a JSON object: name (as written, without quotes) → value (as written).
std::map<std::string_view, std::string_view> members_of(std::string_view object);

/// Do all members that both sides have agree? Nested objects are compared in the same way. What only one side reports
/// is a default of that server's version, and comparing it would make us change it for ever.
bool agree(std::string_view a, std::string_view b);

/// The members of `wanted` that `existing` has otherwise, as an object; empty if there are none. Left out: what `skip`
/// says so of.
std::string differing_members(std::string_view wanted, std::string_view existing,
                              std::function<bool(std::string_view name)> const& skip = {});

/// The string, as written, among the names and values of `text`, alone or behind "…::" (names of analyzers).
bool mentions(std::string_view text, std::string_view string);

}  // namespace arangosync::inventory
