// Answers of the keys protocol: any bytes give keys, a list of chunks, or nothing; never a crash. A list that was
// understood is understood to the end: what is cut off is not taken for a shorter list.
#include "adapters/cluster/keys_answer.h"
#include "domain/base/check.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace arangosync;
  std::string const body(reinterpret_cast<char const*>(data), size);
  static_cast<void>(cluster::parse_opened_keys(body));
  static_cast<void>(cluster::parse_key_chunks(body));
  std::size_t pairs = 0;
  auto const count = [&](std::string_view, std::string_view) { ++pairs; };
  if (!cluster::parse_key_list(body, count)) return 0;
  std::size_t const all = pairs;
  std::string shorter = body;
  while (!shorter.empty() && shorter.back() != ']') shorter.pop_back();
  DC_ASSERT(!shorter.empty());
  shorter.pop_back();
  pairs = 0;
  DC_ASSERT(!cluster::parse_key_list(shorter, count));
  DC_ASSERT(pairs <= all);
  return 0;
}
