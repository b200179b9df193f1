// Whatever arrives on a channel is decoded without harm; what was decoded survives another round. The same bytes are
// tried as a sealed body (behind a checksum an enemy can compute) and as bodies of pulls.
#include "adapters/codec/envelope.h"
#include "adapters/codec/message.h"
#include "adapters/direct/frames.h"
#include "domain/base/check.h"

#include <cstddef>
#include <cstdint>

namespace {

void try_message(std::string_view bytes) {
  auto const message = arangosync::codec::decode(bytes);
  if (!message) {
    DC_ASSERT(!message.error().empty());
    return;
  }
  auto const again = arangosync::codec::decode(arangosync::codec::encode(*message));
  DC_ASSERT(again.has_value());
  DC_ASSERT(*again == *message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const bytes(reinterpret_cast<char const*>(data), size);
  try_message(bytes);
  try_message(arangosync::codec::seal(bytes));
  if (auto const request = arangosync::direct::decode_request(bytes)) {
    DC_ASSERT(arangosync::direct::encode_request(*request) == bytes);
  }
  if (auto const answer = arangosync::direct::decode_answer(bytes)) {
    DC_ASSERT(arangosync::direct::encode_answer(*answer) == bytes);
  }
  return 0;
}
