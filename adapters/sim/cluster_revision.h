// Revisions as ArangoDB writes them: a hybrid logical clock in base 64 (spec arangodb-read 8.1). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace arangosync::sim {

/// "_gjDBRr6---" of 1775847845630312448.
std::string revision_text(std::uint64_t number);

/// The reverse; a text of digits is read as decimal, as old collections have it. Nothing if it is neither.
std::optional<std::uint64_t> revision_number(std::string_view text);

}  // namespace arangosync::sim
