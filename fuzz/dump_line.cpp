// Bodies of dump, and cutting `_id` out of what they hold: any bytes, never a crash.
#include "adapters/cluster/dump_answer.h"
#include "adapters/cluster/lines.h"
#include "adapters/codec/changes.h"
#include "domain/base/check.h"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace arangosync;
  std::string body(reinterpret_cast<char const*>(data), size);
  cluster::IdCutter cutter;
  std::string out;
  static_cast<void>(cutter.append_without_id(body, out));
  DC_ASSERT(out.size() <= body.size());
  auto const payload = cluster::read_dump_lines(std::move(body));
  if (!payload) return 0;
  auto const changes = codec::ChangesReader::open(*payload);
  DC_ASSERT(changes.has_value());
  for (std::uint32_t index = 0; index < changes->size(); ++index) DC_ASSERT(!(*changes)[index].key.empty());
  return 0;
}
