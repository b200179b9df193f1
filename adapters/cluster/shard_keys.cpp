#include "adapters/cluster/shard_keys.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/keys_answer.h"

#include <utility>

namespace arangosync::cluster {
namespace {

// A server goes through the whole shard for them.
constexpr Duration chunks_call = std::chrono::seconds(900);
constexpr Duration long_call = std::chrono::seconds(300);
constexpr char const* too_many = "it has too many documents to list their revisions";

/// The server does not know the call, or does not pass it on.
bool is_not_offered(ServerError error) {
  return error.status == 501 || error.status == 405 || error.status == 400 ||
         (error.status == 404 && (error.number == 0 || error.number == 404));
}

Fault not_understood(std::string const& what) {
  return Fault{FaultClass::Retry, what + ": the answer is not understood"};
}

}  // namespace

std::string keys_target(ShardPlace const& place, ShardKeys const& keys, std::size_t chunk, std::string_view type) {
  return target_at(place, "/_api/replication/keys/" + http::percent_encode(keys.id),
                   "type=" + std::string(type) + "&chunk=" + std::to_string(chunk) + "&chunkSize=" +
                       std::to_string(ShardKeys::chunk_size) + "&low=" + http::percent_encode(keys.lows[chunk]));
}

http::Task<Outcome<KeysAnswer>> open_keys(http::Scope& scope, Connection& connection, ShardPlace place,
                                          std::string batch, std::optional<Instant> deadline) {
  Call call;
  call.what = "list keys of " + to_string(place);
  call.method = "POST";
  call.target =
      target_at(place, "/_api/replication/keys",
                "collection=" + http::percent_encode(place.shard.value()) + "&batchId=" + http::percent_encode(batch));
  call.timeout = chunks_call;
  call.deadline = deadline;
  auto reply = co_await call_place(scope, connection, place, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) {
    auto const error = server_error(*reply);
    KeysAnswer none{{}, "its keys cannot be listed (" + describe(error) + ")"};
    if (is_not_offered(error)) co_return none;
    co_return unexpected(fault_in_batch(call.what, *reply));
  }
  auto const opened = parse_opened_keys(reply->body);
  if (!opened) co_return unexpected(not_understood(call.what));
  ShardKeys keys{opened->id, {}};
  call.method = "GET";
  call.target = target_at(place, "/_api/replication/keys/" + http::percent_encode(keys.id),
                          "chunkSize=" + std::to_string(ShardKeys::chunk_size));
  reply = co_await call_place(scope, connection, place, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) co_return unexpected(fault_in_batch(call.what, *reply));
  auto lows = parse_key_chunks(reply->body);
  if (!lows) co_return unexpected(not_understood(call.what));
  if (lows->empty() && opened->count > 0) {  // believed, it would make the other side empty
    KeysAnswer none{{}, "its keys cannot be listed (none of " + std::to_string(opened->count) + ")"};
    co_return none;
  }
  keys.lows = std::move(*lows);
  KeysAnswer answer{std::move(keys), "", opened->count};
  co_return answer;
}

http::Task<Outcome<Done>> walk_keys(http::Scope& scope, Connection& connection, ShardPlace place,
                                    std::shared_ptr<ShardKeys const> keys, std::optional<Instant> deadline,
                                    EachKey each) {
  Call call;
  call.what = "list keys of " + to_string(place);
  call.method = "PUT";
  call.timeout = long_call;
  call.deadline = deadline;
  for (std::size_t chunk = 0; chunk < keys->lows.size(); ++chunk) {
    call.target = keys_target(place, *keys, chunk, "keys");
    auto reply = co_await call_place(scope, connection, place, call);
    if (!reply) co_return unexpected(reply.error());
    if (!succeeded(*reply)) co_return unexpected(fault_in_batch(call.what, *reply));
    auto position = static_cast<std::uint32_t>(chunk * ShardKeys::chunk_size);
    std::uint32_t const end = position + ShardKeys::chunk_size;
    bool goes_on = true;
    bool const is_list = parse_key_list(std::move(reply->body), [&](std::string_view key, std::string_view revision) {
      goes_on = goes_on && (position == end || each(key, revision, position));
      ++position;
    });
    bool const is_whole = chunk + 1 == keys->lows.size() ? position <= end : position == end;
    if (!is_list || (goes_on && !is_whole)) co_return unexpected(not_understood(call.what));
    if (!goes_on) break;
  }
  co_return Done{};
}

Outcome<std::string> finish_list(ShardPlace const& place, ShardList& list, bool is_complete) {
  if (is_complete) return list.finish();
  if (list.is_too_large()) return std::string(too_many);
  return unexpected(Fault{FaultClass::Retry, "list keys of " + to_string(place) +
                                                 ": waiting until the lists of other shards are done with"});
}

http::Task<Outcome<ListAnswer>> list_by_keys(http::Scope& scope, Connection& connection, ShardPlace place,
                                             std::string batch, ListRoom& room, revision::RevisionId origin) {
  auto opened = co_await open_keys(scope, connection, place, std::move(batch), std::nullopt);
  if (!opened) co_return unexpected(opened.error());
  if (!opened->keys) {
    ListAnswer none{nullptr, opened->reason};
    co_return none;
  }
  if (opened->documents > room.all()) {
    ListAnswer none{nullptr, too_many};
    co_return none;
  }
  auto keyed = std::make_shared<KeyedList>(room, origin);
  keyed->keys = std::make_shared<ShardKeys const>(std::move(*opened->keys));
  bool has_room = true;
  EachKey const add = [&](std::string_view, std::string_view revision, std::uint32_t position) {
    return has_room = keyed->list.add(revision, position);
  };
  auto walked = co_await walk_keys(scope, connection, place, keyed->keys, std::nullopt, add);
  if (!walked) co_return unexpected(walked.error());
  auto reason = finish_list(place, keyed->list, has_room);
  if (!reason) co_return unexpected(reason.error());
  ListAnswer answer{reason->empty() ? std::move(keyed) : nullptr, std::move(*reason)};
  co_return answer;
}

}  // namespace arangosync::cluster
