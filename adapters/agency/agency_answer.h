// Requests to and answers of an agent as texts (spec arangodb-read 2.3, 2.4, 2.7). Pure; untrusted input; never throws.
#pragma once

#include "ports/agency.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::agency {

std::string read_body(std::vector<std::string> const& paths);
/// One transaction. Several conditions on one key are merged, as the agency wants them.
std::string write_body(ports::AgencyTransaction const& transaction);
std::string inquire_body(std::string const& client_id);

/// The one object of an answer to read_body(), as JSON text.
std::optional<std::string> parse_read(std::string_view body);
/// The log index of the one transaction of an answer to write or inquire; 0: not applied (or not in the log).
std::optional<std::uint64_t> parse_result(std::string_view body);
/// inquire: the transaction is known and on its way.
bool is_ongoing(std::string_view body);

}  // namespace arangosync::agency
