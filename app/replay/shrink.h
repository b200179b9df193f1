// Makes a failing story small: fewer commands, a shorter run, a smaller world, as long as it fails in the same way.
#pragma once

#include "app/replay/story.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace arangosync::replay {

struct Shrunk {
  Story story;
  std::string failure;
  std::uint64_t runs = 0;
};

/// What kind of failure it is: its words without numbers and names, so that two of one kind are alike.
std::string kind_of(std::string const& failure);

/// Absent: the story does not fail. At most `runs_max` runs; `told` hears of every success, for people who wait.
std::optional<Shrunk> shrink(Story story, std::uint64_t runs_max, std::function<void(std::string const&)> const& told);

}  // namespace arangosync::replay
