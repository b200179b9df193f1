// Which commands are calls that somebody waits for. Used inside this room only.
#pragma once

#include "domain/master/vocabulary.h"

#include <optional>

namespace arangosync::master {

inline std::optional<CallId> call_of(Command const& command) {
  return std::visit(
      [](auto const& body) -> std::optional<CallId> {
        if constexpr (requires { body.call; }) {
          return body.call;
        } else {
          return std::nullopt;
        }
      },
      command);
}

}  // namespace arangosync::master
