// One answer of `replication/dump` (spec arangodb-read 5.4): its chunk counter, which shows a chunk that was produced
// but never arrived, and its documents. Pure; untrusted input; never throws.
#pragma once

#include "adapters/http/http.h"
#include "domain/base/ids.h"
#include "domain/shard/message.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace arangosync::cluster {

struct DumpChunk {
  std::uint64_t counter = 0;  ///< to be handed in with the next answer of this shard in this batch
  bool last = false;
};
/// `previous`: counter of the shard's chunk before this one, 0 if this is the first. Nothing if the counter does not
/// continue it, or cannot be read: the copy must start over.
std::optional<DumpChunk> check_chunk(std::uint64_t previous, http::Response const& response);

/// All documents of the answer's body as upserts. Error: which line is broken.
Expected<shard::Payload, std::string> read_dump_lines(std::string body);

/// "/_db/shop/_api/replication/dump?collection=s10021&batchId=…"; also fit for a Coordinator when `through` names the
/// DB-Server.
std::string dump_target(DatabaseName const& database, ShardName const& shard, std::string_view batch,
                        std::size_t chunk_bytes, std::string_view through = {});

/// id and lastTick of the answer to POST batch.
struct OpenedBatch {
  std::string id;
  Tick tick;
};
std::optional<OpenedBatch> parse_batch(std::string_view body);

}  // namespace arangosync::cluster
