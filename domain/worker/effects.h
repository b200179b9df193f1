// How a state spells the effects it has asked for. Private to domain/worker: react() uses it when they are asked for
// the first time, outstanding() when they are asked for again.
#pragma once

#include "domain/worker/desk.h"

namespace arangosync::worker {

Subscribe subscription(Task const& task);
ReadSnapshot snapshot_read(shard::sender::State const& sender, RequestId request);
ReadDifference difference_read(shard::sender::State const& sender, RequestId request);
CompareTree tree_compare(shard::receiver::State const& receiver, RequestId request);
ApplyBatch batch_of(shard::receiver::State const& receiver, RequestId request, Instant deadline);
ApplyStep step_of(inventory_receiver::State const& receiver, RequestId request, Instant deadline);
StorePositions forgetting(RequestId request, std::vector<ShardRef> const& shards, Instant deadline);
ReadLog log_read(ReaderId id, log_reader::State const& reader, RequestId request, bool with_filter);
StorePositions flush_of(Positions const& positions);
ReportStatus report_of(Reports const& reports);

}  // namespace arangosync::worker
