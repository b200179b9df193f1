// Revision ids (`_rev`): 64-bit numbers, written by servers as up to 11 base-64 digits (spec arangodb-read 8.1).
//
// Order is the order of the numbers, not of the texts. Old documents have decimal revisions. Pure; for whoever compares
// documents of two clusters.
#pragma once

#include "domain/base/strong.h"

#include <optional>
#include <string>
#include <string_view>

namespace arangosync::revision {

using RevisionId = StrongCounter<struct RevisionIdTag>;

/// The base-64 form without leading zero digits; of 0 it is "-".
std::string to_text(RevisionId id);

/// Reads what a server prints: base-64, or decimal where the text begins with 1 … 9. Absent: it is neither.
std::optional<RevisionId> from_text(std::string_view text);
/// Reads base-64 only, as in revision trees, where small revisions may begin with a decimal digit.
std::optional<RevisionId> from_base64(std::string_view text);

/// Was what has the one revision written after what has the other? Both as servers print them; false where either
/// cannot be read.
bool is_newer(std::string_view text, std::string_view than);

/// Milliseconds since 1970 in the id.
std::uint64_t milliseconds_of(RevisionId id);

}  // namespace arangosync::revision
