#include "adapters/cluster/revisions.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/revision_answer.h"
#include "adapters/codec/revision_tree.h"

#include <algorithm>
#include <utility>

namespace arangosync::cluster {
namespace {

constexpr std::size_t documents_bytes_max = 16u << 20;
constexpr Duration long_call = std::chrono::seconds(300);

std::string revisions_target(ShardPlace const& place, std::string_view what, std::string_view batch,
                             std::string_view more) {
  return target_at(place, "/_api/replication/revisions/" + std::string(what),
                   "collection=" + http::percent_encode(place.shard.value()) +
                       "&batchId=" + http::percent_encode(batch) + std::string(more));
}

/// The shard has no revisions to ask for. 400: servers before 3.7 say so of calls that they do not know.
bool is_refused(ServerError error) {
  return error.status == 501 || error.status == 405 || error.status == 400 || error.number == error::not_implemented;
}

/// Why there is no tree; absent: the failure says nothing about trees.
std::optional<TreeAnswer> without_tree(ServerError error) {
  if (is_refused(error)) return TreeAnswer{{}, "the shard has no revision tree (" + describe(error) + ")", false};
  bool const not_at_hand = error.status == 500 && error.number == error::internal;
  if (not_at_hand) return TreeAnswer{{}, "no revision tree is at hand", true};
  return std::nullopt;
}

}  // namespace

http::Task<Outcome<TreeAnswer>> read_tree(http::Scope& scope, Connection& connection, ShardPlace place,
                                          std::string batch, std::optional<Instant> deadline) {
  Call call;
  call.what = "read revision tree of " + to_string(place);
  call.target = revisions_target(place, "tree", batch, "&onlyPopulated=true");
  call.timeout = long_call;
  call.deadline = deadline;
  auto reply = co_await call_place(scope, connection, place, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) {
    auto const error = server_error(*reply);
    if (auto none = without_tree(error)) co_return std::move(*none);
    co_return unexpected(fault_in_batch(call.what, *reply));
  }
  auto tree = codec::read_revision_tree(reply->body);
  if (!tree) co_return TreeAnswer{{}, "not understood: " + tree.error(), false};
  co_return TreeAnswer{std::move(*tree), "", false};
}

http::Task<Outcome<Revisions>> list_revisions(http::Scope& scope, Connection& connection, ShardPlace place,
                                              std::string batch, revision::Range range,
                                              std::optional<Instant> deadline) {
  Call call;
  call.what = "list revisions of " + to_string(place);
  call.method = "PUT";
  call.target = revisions_target(place, "ranges", batch, "&encodeAsHLC=true");
  call.timeout = long_call;
  call.deadline = deadline;
  while (true) {
    call.body = ranges_body(range);
    auto reply = co_await call_place(scope, connection, place, call);
    if (!reply) co_return unexpected(reply.error());
    if (!succeeded(*reply)) co_return unexpected(fault_in_batch(call.what, *reply));
    auto listed = parse_ranges_answer(reply->body, range);
    if (!listed) co_return unexpected(Fault{FaultClass::Retry, call.what + ": the answer " + listed.error()});
    bool const is_enough = listed->to_the_end || !listed->revisions.empty();
    if (is_enough) co_return Revisions{std::move(listed->revisions), listed->to_the_end};
    range.first = *listed->resume;
  }
}

http::Task<Outcome<std::optional<std::string>>> read_documents(http::Scope& scope, Connection& connection,
                                                               ShardPlace place, std::string batch,
                                                               std::vector<revision::RevisionId> revisions,
                                                               std::size_t bytes_max, std::optional<Instant> deadline) {
  Call call;
  call.what = "read documents of " + to_string(place);
  call.method = "PUT";
  auto const chunk = std::to_string(std::min(bytes_max, documents_bytes_max));
  call.target = revisions_target(place, "documents", batch, "&encodeAsHLC=true&chunkSize=" + chunk);
  call.body = revisions_body(revisions);
  call.timeout = long_call;
  call.deadline = deadline;
  auto reply = co_await call_place(scope, connection, place, call);
  if (!reply) co_return unexpected(reply.error());
  if (succeeded(*reply)) co_return std::optional<std::string>(std::move(reply->body));
  if (is_refused(server_error(*reply))) co_return std::optional<std::string>{};
  co_return unexpected(fault_in_batch(call.what, *reply));
}

}  // namespace arangosync::cluster
