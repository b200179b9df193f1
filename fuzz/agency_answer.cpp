// Answers of agents: any bytes, never a crash.
#include "adapters/agency/agency_answer.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace arangosync;
  std::string_view const body(reinterpret_cast<char const*>(data), size);
  static_cast<void>(agency::parse_read(body));
  static_cast<void>(agency::parse_result(body));
  static_cast<void>(agency::is_ongoing(body));
  return 0;
}
