#include "adapters/cluster/dump_answer.h"

#include "adapters/cluster/calls.h"
#include "adapters/cluster/json_value.h"
#include "adapters/cluster/lines.h"
#include "adapters/codec/changes.h"

#include <utility>

namespace arangosync::cluster {

std::optional<DumpChunk> check_chunk(std::uint64_t previous, http::Response const& response) {
  if (response.status == 204) return DumpChunk{previous, true};
  auto const counter = parse_unsigned(http::header(response.headers, "x-arango-replication-lastincluded"));
  auto const more = http::header(response.headers, "x-arango-replication-checkmore");
  if (!counter || (more != "true" && more != "false")) return std::nullopt;
  bool const last = more == "false";
  // 2, 3, … while there is more, the last chunk repeats the number; a shard of one chunk says 1.
  auto const expected = previous == 0 ? (last ? 1u : 2u) : (last ? previous : previous + 1);
  if (*counter != expected) return std::nullopt;
  return DumpChunk{*counter, last};
}

Expected<shard::Payload, std::string> read_dump_lines(std::string body) {
  codec::ChangesBuilder builder;
  Lines lines(std::move(body));
  DumpedDocument document;
  while (true) {
    auto const next = lines.next(document);
    if (next == Lines::Next::End) break;
    if (next == Lines::Next::Broken) {
      return unexpected("line " + std::to_string(lines.line_number()) + " is not understood");
    }
    codec::Change change;
    change.key = document.key;
    change.revision = document.revision;
    change.document = document.document;
    builder.add(change);
  }
  return builder.finish();
}

std::string dump_target(DatabaseName const& database, ShardName const& shard, std::string_view batch,
                        std::size_t chunk_bytes, std::string_view through) {
  auto target = in_database(database, "/_api/replication/dump?collection=" + http::percent_encode(shard.value()) +
                                          "&batchId=" + http::percent_encode(batch) +
                                          "&chunkSize=" + std::to_string(chunk_bytes) + "&useEnvelope=false");
  if (!through.empty()) target += "&DBserver=" + http::percent_encode(through);
  return target;
}

std::optional<OpenedBatch> parse_batch(std::string_view body) {
  auto const answer = parse_json(body);
  if (!answer) return std::nullopt;
  auto const tick = unsigned_of(*answer, "lastTick");
  OpenedBatch batch;
  batch.id = id_of(*answer, "id");
  if (batch.id.empty() || !tick) return std::nullopt;
  batch.tick = Tick(*tick);
  return batch;
}

}  // namespace arangosync::cluster
