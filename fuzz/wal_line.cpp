// Answers of wal/tail: any bytes give slices or an error, never a crash, and slices can be read again.
#include "adapters/cluster/log_answer.h"
#include "adapters/codec/changes.h"
#include "domain/base/check.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace arangosync;
  std::string body(reinterpret_cast<char const*>(data), size);
  auto const filter = cluster::make_filter({{DatabaseName("_system"), ShardName("s10021"), Tick(0)},
                                            {DatabaseName("shop"), ShardName("s10056"), Tick(4700)}});
  auto const lines = cluster::read_log_lines(std::move(body), filter, false);
  if (!lines) return 0;
  for (auto const& slice : lines->slices) {
    auto const changes = codec::ChangesReader::open(slice.changes);
    DC_ASSERT(changes.has_value());
    for (std::uint32_t index = 0; index < changes->size(); ++index) {
      auto const change = (*changes)[index];
      DC_ASSERT(change.kind != codec::ChangeKind::Upsert || change.document.front() == '{');
    }
  }
  return 0;
}
