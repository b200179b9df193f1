// Any list of words is a command or one clear line: input is split into arguments at line feeds.
#include "app/cli/command_line.h"

#include "domain/base/check.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view text(reinterpret_cast<char const*>(data), size);
  std::vector<std::string> arguments;
  while (!text.empty()) {
    auto const end = text.find('\n');
    arguments.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  auto const command = arangosync::cli::parse(arguments);
  DC_ASSERT(command || !command.error().message.empty());
  (void)arangosync::cli::parse_duration(std::string_view(reinterpret_cast<char const*>(data), size));
  return 0;
}
