#include "adapters/cluster/document_calls.h"

#include "adapters/cluster/bulk_answer.h"
#include "adapters/cluster/error_class.h"
#include "adapters/cluster/json_value.h"
#include "adapters/cluster/lines.h"
#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/batch/batch.h"

#include <algorithm>
#include <set>
#include <utility>

namespace arangosync::cluster {
namespace {

constexpr Duration write_timeout = std::chrono::seconds(900);  // a Coordinator waits that long for its shards
constexpr std::size_t request_bytes_max = 8u << 20;
constexpr int rounds_max = 8;
constexpr Duration round_pause = std::chrono::milliseconds(100);

std::string document_path(Destination const& to, std::string_view query) {
  return in_database(to.database, "/_api/document/" + http::percent_encode(to.collection.value()) + std::string(query));
}

bool is_too_much(http::Response const& response) {
  return response.status == 413 || server_error(response).number == error::resource_limit;
}

bool is_transient(ItemFailure const& failure) {
  return fault_class(ServerError{0, failure.number}) == FaultClass::Retry;
}

http::Task<Outcome<std::uint32_t>> delete_some(http::Scope& scope, Connection& connection, Destination destination,
                                               std::vector<std::string> keys) {
  Call call;
  call.what = "remove documents of " + to_string(destination);
  call.method = "DELETE";
  call.target = document_path(destination, "?ignoreRevs=true");
  call.timeout = write_timeout;
  call.deadline = destination.deadline;
  std::uint32_t removed = 0;
  for (int round = 0; round < rounds_max; ++round) {
    call.body = "[";
    for (auto const& key : keys) {
      if (call.body.size() > 1) call.body += ',';
      call.body += quoted(key);
    }
    call.body += ']';
    auto reply = co_await call_coordinator(scope, connection, call);
    if (!reply) co_return unexpected(reply.error());
    if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
    auto failures = parse_bulk_answer(reply->body, keys.size());
    if (!failures) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
    removed += static_cast<std::uint32_t>(keys.size() - failures->size());
    std::vector<std::string> again;
    for (auto const& failure : *failures) {
      if (failure.number == error::document_not_found) continue;
      if (!is_transient(failure)) co_return unexpected(fault_of(call.what, ServerError{0, failure.number}));
      again.push_back(std::move(keys[failure.index]));
    }
    if (again.empty()) co_return removed;
    keys = std::move(again);
    co_await scope.pause(round_pause * (round + 1));
  }
  co_return unexpected(Fault{FaultClass::Retry, call.what + ": some are locked again and again"});
}

}  // namespace

std::string to_string(Destination const& destination) {
  return destination.database.value() + "/" + destination.collection.value();
}

http::Task<Outcome<std::uint32_t>> delete_keys(http::Scope& scope, Connection& connection, Destination destination,
                                               std::vector<std::string> keys) {
  std::uint32_t removed = 0;
  for (std::size_t at = 0; at < keys.size(); at += limits::apply_documents_max) {
    auto const end = std::min(keys.size(), at + limits::apply_documents_max);
    std::vector<std::string> some(keys.begin() + static_cast<std::ptrdiff_t>(at),
                                  keys.begin() + static_cast<std::ptrdiff_t>(end));
    auto outcome = co_await delete_some(scope, connection, destination, std::move(some));
    if (!outcome) co_return unexpected(outcome.error());
    removed += *outcome;
  }
  co_return removed;
}

http::Task<Outcome<RevisionRemoval>> delete_revisions(http::Scope& scope, Connection& connection,
                                                      Destination destination, std::vector<KeyedRevision> documents) {
  DC_ASSERT(documents.size() <= limits::apply_documents_max);
  Call call;
  call.what = "remove revisions of " + to_string(destination);
  call.method = "DELETE";
  call.target = document_path(destination, "?ignoreRevs=false");
  call.timeout = write_timeout;
  call.deadline = destination.deadline;
  call.body = "[";
  for (auto const& document : documents) {
    if (call.body.size() > 1) call.body += ',';
    call.body += "{\"_key\":" + quoted(document.key) + ",\"_rev\":" + quoted(document.revision) + "}";
  }
  call.body += ']';
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  auto failures = parse_bulk_answer(reply->body, documents.size());
  if (!failures) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
  RevisionRemoval result{static_cast<std::uint32_t>(documents.size() - failures->size()), 0};
  for (auto const& failure : *failures) {
    if (failure.number == error::document_not_found) continue;
    if (!is_transient(failure)) co_return unexpected(fault_of(call.what, ServerError{0, failure.number}));
    ++result.conflicts;
  }
  co_return result;
}

namespace {

/// One order of documents on its way to being accepted.
class Order {
public:
  Order(codec::ChangesReader const& changes, std::vector<std::uint32_t> const& all, std::vector<std::uint32_t> pending)
      : changes_(changes), all_(all), pending_(std::move(pending)) {}

  std::vector<std::uint32_t> const& pending() const { return pending_; }
  bool has_conflicts() const { return has_conflicts_; }  ///< of unique values, at the last try

  /// The request body of what is pending; false if a document is no object.
  bool write_body(std::string& body) const {
    IdCutter cutter;
    body.assign("[");
    for (auto const index : pending_) {
      if (body.size() > 1) body += ',';
      if (!cutter.append_without_id(changes_[index].document, body)) return false;
    }
    body += ']';
    return true;
  }

  /// Sorts the failures: what is tried again, and which keys stand in the way. Error: an item that cannot succeed.
  Expected<std::vector<std::string>, ServerError> take(std::vector<ItemFailure> const& failures) {
    std::vector<std::uint32_t> again;
    std::vector<std::string> in_the_way;
    has_conflicts_ = false;
    for (auto const& failure : failures) {
      auto const index = pending_[failure.index];
      if (failure.number == error::unique_constraint) {
        has_conflicts_ = true;
        bool const other = !failure.conflicting_key.empty() && failure.conflicting_key != changes_[index].key;
        if (other) in_the_way.push_back(failure.conflicting_key);
      } else if (!is_transient(failure)) {
        return unexpected(ServerError{0, failure.number});
      }
      again.push_back(index);
    }
    pending_ = std::move(again);
    return in_the_way;
  }

  /// These documents were removed. Those that belong to the batch are put (back) after the ones they stood in the way
  /// of.
  void bring_back(std::vector<std::string> const& removed) {
    if (by_key_.empty()) {
      for (auto const index : all_) by_key_.emplace(changes_[index].key, index);
    }
    std::set<std::uint32_t> const waiting(pending_.begin(), pending_.end());
    for (auto const& key : removed) {
      auto const found = by_key_.find(key);
      if (found != by_key_.end() && !waiting.contains(found->second)) pending_.push_back(found->second);
    }
  }

private:
  codec::ChangesReader const& changes_;
  std::vector<std::uint32_t> const& all_;
  std::vector<std::uint32_t> pending_;
  std::map<std::string_view, std::uint32_t> by_key_;
  bool has_conflicts_ = false;
};

struct PutOutcome {
  bool too_much = false;  ///< the request as such failed for its size; the caller makes it smaller
};

http::Task<Outcome<PutOutcome>> put_some(http::Scope& scope, Connection& connection, Destination destination,
                                         Order& order) {
  Call call;
  call.what = "write documents of " + to_string(destination);
  call.method = "POST";
  call.target =
      document_path(destination, "?isRestore=true&overwriteMode=replace&silent=false&refillIndexCaches=false");
  call.timeout = write_timeout;
  call.deadline = destination.deadline;
  for (int round = 0; round < rounds_max; ++round) {
    if (!order.write_body(call.body)) {
      co_return unexpected(Fault{FaultClass::Permanent, call.what + ": a document is no JSON object"});
    }
    auto reply = co_await call_coordinator(scope, connection, call);
    if (!reply) co_return unexpected(reply.error());
    if (!succeeded(*reply)) {
      if (is_too_much(*reply) && order.pending().size() > 1) co_return PutOutcome{true};
      co_return unexpected(fault_of(call.what, *reply));
    }
    auto failures = parse_bulk_answer(reply->body, order.pending().size());
    if (!failures) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
    if (failures->empty()) co_return PutOutcome{};
    auto in_the_way = order.take(*failures);
    if (!in_the_way) co_return unexpected(fault_of(call.what, in_the_way.error()));
    // The first time it may be a matter of order only: the other document's change came later in the same request.
    if (round > 0 && !in_the_way->empty()) {
      auto removed = co_await delete_keys(scope, connection, destination, *in_the_way);
      if (!removed) co_return unexpected(removed.error());
      connection.telemetry().log(ports::LogLevel::Debug, "cluster",
                                 "removed " + std::to_string(in_the_way->size()) + " documents of " +
                                     to_string(destination) + " that held unique values which others have now");
      order.bring_back(*in_the_way);
    } else if (in_the_way->empty()) {
      co_await scope.pause(round_pause * (round + 1));
    }
  }
  auto const why = order.has_conflicts() ? ServerError{0, error::unique_constraint} : ServerError{};
  co_return unexpected(fault_of(call.what + ", again and again", why));
}

}  // namespace

http::Task<Outcome<std::uint32_t>> put_documents(http::Scope& scope, Connection& connection, Destination destination,
                                                 codec::ChangesReader changes, std::vector<std::uint32_t> indexes) {
  std::vector<std::size_t> sizes;
  for (auto const index : indexes) sizes.push_back(changes[index].document.size());
  auto pieces = batch::cut(sizes, limits::apply_documents_max, request_bytes_max);
  std::reverse(pieces.begin(), pieces.end());  // a stack: what is cut smaller is put back
  while (!pieces.empty()) {
    auto const piece = pieces.back();
    pieces.pop_back();
    std::vector<std::uint32_t> some(indexes.begin() + static_cast<std::ptrdiff_t>(piece.begin),
                                    indexes.begin() + static_cast<std::ptrdiff_t>(piece.end));
    Order order(changes, indexes, std::move(some));
    auto outcome = co_await put_some(scope, connection, destination, order);
    if (!outcome) co_return unexpected(outcome.error());
    if (outcome->too_much) {
      if (piece.end - piece.begin < 2) {
        auto const what = "write documents of " + to_string(destination);
        co_return unexpected(fault_of(what, ServerError{0, error::resource_limit}));
      }
      auto const middle = piece.begin + (piece.end - piece.begin) / 2;
      pieces.push_back({middle, piece.end});
      pieces.push_back({piece.begin, middle});
    }
  }
  co_return static_cast<std::uint32_t>(indexes.size());
}

http::Task<Outcome<Done>> truncate_collection(http::Scope& scope, Connection& connection, Destination destination) {
  Call call;
  call.what = "truncate " + to_string(destination);
  call.method = "PUT";
  call.target = in_database(destination.database,
                            "/_api/collection/" + http::percent_encode(destination.collection.value()) + "/truncate");
  call.timeout = write_timeout;
  call.deadline = destination.deadline;
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  co_return Done{};
}

}  // namespace arangosync::cluster
