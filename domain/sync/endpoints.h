// Lists of masters' addresses (spec arangosync-api 1.3): compared as sets of strings after removing what follows the
// port.
#pragma once

#include "domain/base/ids.h"

#include <optional>
#include <string>
#include <vector>

namespace arangosync::sync {

/// "https://host:port" of an https URL; absent if it is none.
std::optional<Url> origin_of(Url const& url);
/// The name or address in a URL, without port and brackets; empty if there is none.
std::string host_of(Url const& url);
/// Every URL that is one, as its origin, each once, in order.
std::vector<Url> origins_of(std::vector<Url> const& urls);
bool intersect(std::vector<Url> const& a, std::vector<Url> const& b);
/// `known`, then those of `more` that are new.
std::vector<Url> merged(std::vector<Url> const& known, std::vector<Url> const& more);
/// "a, b" for messages.
std::string joined(std::vector<Url> const& urls);

}  // namespace arangosync::sync
