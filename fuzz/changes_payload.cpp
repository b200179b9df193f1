// A batch of changes from anywhere is read within its bounds or refused; what was read survives another round.
#include "adapters/codec/changes.h"
#include "domain/base/check.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace arangosync;
  if (size < 1) return 0;
  // The first byte announces the number of changes.
  std::string bytes(reinterpret_cast<char const*>(data) + 1, size - 1);
  auto const reader = codec::ChangesReader::open({Blob(std::move(bytes)), data[0]});
  if (!reader) {
    DC_ASSERT(!reader.error().empty());
    return 0;
  }
  codec::ChangesBuilder builder;
  for (std::uint32_t index = 0; index < reader->size(); ++index) builder.add((*reader)[index]);
  auto const again = codec::ChangesReader::open(builder.finish());
  DC_ASSERT(again.has_value());
  DC_ASSERT(again->size() == reader->size());
  for (std::uint32_t index = 0; index < reader->size(); ++index) {
    DC_ASSERT((*again)[index].key == (*reader)[index].key);
    DC_ASSERT((*again)[index].document == (*reader)[index].document);
  }
  return 0;
}
