#include "adapters/cluster/revision_removals.h"

#include "adapters/cluster/revision_answer.h"
#include "adapters/cluster/revisions.h"
#include "adapters/cluster/shard_walk.h"

#include <algorithm>
#include <utility>

namespace arangosync::cluster {
namespace {

using revision::RevisionId;

constexpr int rounds_max = 8;
constexpr Duration round_pause = std::chrono::milliseconds(100);
constexpr std::size_t at_once_max = 1000;
constexpr std::size_t lookup_bytes = 8u << 20;
constexpr std::size_t shards_kept_max = 8;

struct LookUp {
  std::vector<KeyedRevision> found;
  bool is_unknown = false;  ///< the server finds no documents by revision
};

/// Which documents have these revisions now? Looks at some of them, and takes those off the front of `pending`.
http::Task<Outcome<LookUp>> look_up(http::Scope& scope, Connection& connection, ShardPlace place, std::string batch,
                                    std::vector<RevisionId>& pending, Instant deadline) {
  auto const count = static_cast<std::ptrdiff_t>(std::min(pending.size(), at_once_max));
  std::vector<RevisionId> some(pending.begin(), pending.begin() + count);
  auto body =
      co_await read_documents(scope, connection, place, std::move(batch), std::move(some), lookup_bytes, deadline);
  if (!body) co_return unexpected(body.error());
  LookUp result;
  result.is_unknown = !body->has_value();
  if (result.is_unknown) co_return result;
  std::ptrdiff_t answered = 0;
  bool const is_array = parse_documents_answer(std::move(**body), [&](DumpedDocument const& document) {
    ++answered;
    if (document.key.empty()) return;
    result.found.push_back(KeyedRevision{std::string(document.key), std::string(document.revision)});
  });
  if (!is_array || answered == 0 || answered > count) {
    co_return unexpected(Fault{FaultClass::Retry, "look up revisions of " + to_string(place) + ": not understood"});
  }
  pending.erase(pending.begin(), pending.begin() + answered);
  co_return result;
}

void add(RevisionRemoval& sum, RevisionRemoval const& more) {
  sum.removed += more.removed;
  sum.conflicts += more.conflicts;
}

}  // namespace

http::Task<Outcome<RevisionRemovals::Round>> RevisionRemovals::remove_by_asking(ShardPlace place,
                                                                                Destination destination, Ids pending) {
  Round round;
  auto batch = co_await open_batch(scope_, connection_, place, destination.deadline);
  if (!batch) co_return unexpected(batch.error());
  Outcome<Done> going = Done{};
  while (going && !pending.empty()) {
    auto looked = co_await look_up(scope_, connection_, place, batch->id, pending, destination.deadline);
    if (!looked) {
      going = unexpected(looked.error());
      break;
    }
    round.is_unknown = looked->is_unknown;
    if (round.is_unknown) break;
    if (looked->found.empty()) continue;
    auto removed = co_await delete_revisions(scope_, connection_, destination, std::move(looked->found));
    if (removed) add(round.sum, *removed);
    if (!removed) going = unexpected(removed.error());
  }
  co_await close_batch(scope_, connection_, place, batch->id);
  if (!going) co_return unexpected(going.error());
  co_return round;
}

http::Task<Outcome<std::vector<KeyedRevision>>> RevisionRemovals::find(ShardPlace place, Ids ids) {
  {
    std::lock_guard lock(mutex_);
    auto const known = found_.find(place.shard);
    if (known != found_.end() && known->second.of == ids) co_return known->second.documents;
  }
  std::vector<KeyedRevision> documents;
  EachKey const look = [&](std::string_view key, std::string_view text, std::uint32_t) {
    auto const id = revision::from_text(text);
    bool const is_wanted = id && std::binary_search(ids.begin(), ids.end(), *id);
    if (is_wanted) documents.push_back(KeyedRevision{std::string(key), std::string(text)});
    return true;
  };
  auto walked = co_await walk_shard(scope_, connection_, place, look);
  if (!walked) co_return unexpected(walked.error());
  std::lock_guard lock(mutex_);
  // What was given up is never asked for again.
  if (found_.size() >= shards_kept_max && !found_.contains(place.shard)) found_.erase(found_.begin());
  found_[place.shard] = Found{std::move(ids), documents};
  co_return documents;
}

void RevisionRemovals::forget_first(ShardName const& shard, std::size_t count) {
  std::lock_guard lock(mutex_);
  auto const known = found_.find(shard);
  if (known == found_.end()) return;
  auto& documents = known->second.documents;
  auto const most = std::min(count, documents.size());
  documents.erase(documents.begin(), documents.begin() + static_cast<std::ptrdiff_t>(most));
}

http::Task<Outcome<RevisionRemoval>> RevisionRemovals::remove_by_looking(ShardPlace place, Destination destination,
                                                                         Ids ids) {
  auto documents = co_await find(place, std::move(ids));
  if (!documents) co_return unexpected(documents.error());
  RevisionRemoval sum;
  for (std::size_t at = 0; at < documents->size(); at += at_once_max) {
    auto const begin = documents->begin() + static_cast<std::ptrdiff_t>(at);
    auto const count = std::min(at_once_max, documents->size() - at);
    std::vector<KeyedRevision> some(begin, begin + static_cast<std::ptrdiff_t>(count));
    auto removed = co_await delete_revisions(scope_, connection_, destination, std::move(some));
    if (!removed) co_return unexpected(removed.error());
    add(sum, *removed);
    if (sum.conflicts == 0) forget_first(place.shard, count);  // the next try goes on behind it
  }
  std::lock_guard lock(mutex_);
  found_.erase(place.shard);
  co_return sum;
}

http::Task<Outcome<std::uint32_t>> RevisionRemovals::remove(ShardPlace place, Destination destination,
                                                            std::vector<std::string> revisions) {
  Ids ids;
  for (auto const& text : revisions) {
    if (auto const id = revision::from_base64(text)) ids.push_back(*id);
  }
  std::sort(ids.begin(), ids.end());
  std::uint32_t removed = 0;
  bool by_asking = true;
  for (int round = 0; round < rounds_max; ++round) {
    if (round > 0) co_await scope_.pause(round_pause * round);
    RevisionRemoval sum;
    if (by_asking) {
      auto asked = co_await remove_by_asking(place, destination, ids);
      if (!asked) co_return unexpected(asked.error());
      by_asking = !asked->is_unknown;
      sum = asked->sum;
    }
    if (!by_asking) {
      auto looked = co_await remove_by_looking(place, destination, ids);
      if (!looked) co_return unexpected(looked.error());
      add(sum, *looked);
    }
    removed += sum.removed;
    if (sum.conflicts == 0) co_return removed;
  }
  co_return unexpected(
      Fault{FaultClass::Retry, "remove revisions of " + to_string(place) + ": locked again and again"});
}

}  // namespace arangosync::cluster
