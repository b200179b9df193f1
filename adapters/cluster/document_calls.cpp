#include "adapters/cluster/document_calls.h"

#include "adapters/cluster/bulk_answer.h"
#include "adapters/cluster/error_class.h"
#include "adapters/cluster/json_value.h"
#include "adapters/cluster/lines.h"
#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/batch/batch.h"
#include "domain/revision/revision_id.h"

#include <algorithm>
#include <set>
#include <utility>

namespace arangosync::cluster {
namespace {

using Strings = std::vector<std::string>;
using Revisions = std::map<std::string, std::string>;  // by key

constexpr Duration write_timeout = std::chrono::seconds(900);  // a Coordinator waits that long for its shards
constexpr std::size_t request_bytes_max = 8u << 20;
constexpr std::size_t reads_max = 100;  // documents may be large
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
  call.may_come_late = true;
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

/// Of those documents that there are.
http::Task<Outcome<Revisions>> read_revisions(http::Scope& scope, Connection& connection, Destination destination,
                                              std::vector<std::string> keys) {
  Revisions revisions;
  Call call;
  call.what = "read documents of " + to_string(destination);
  call.method = "PUT";
  call.target = document_path(destination, "?onlyget=true");
  call.timeout = write_timeout;
  call.deadline = destination.deadline;
  for (std::size_t at = 0; at < keys.size(); at += reads_max) {
    call.body = "[";
    for (std::size_t i = at; i < std::min(keys.size(), at + reads_max); ++i) {
      if (call.body.size() > 1) call.body += ',';
      call.body += quoted(keys[i]);
    }
    call.body += ']';
    auto reply = co_await call_coordinator(scope, connection, call);
    if (!reply) co_return unexpected(reply.error());
    if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
    auto const found = parse_json(reply->body);
    if (!found || !found->is_array()) {
      co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
    }
    for (auto const& document : found->get_array()) {
      auto const key = string_of(document, "_key");
      auto const revision = string_of(document, "_rev");
      if (key && revision) revisions[*key] = *revision;
    }
  }
  co_return revisions;
}

/// One order of documents on its way to being accepted.
class Order {
public:
  /// Servers before 3.4 cannot insert what is there already, and none can replace what is not: whichever it was asked,
  /// the server tells which one it should have been.
  enum class Verb { Insert, Replace };

  Order(codec::ChangesReader const& changes, std::vector<std::uint32_t> const& all, std::vector<std::uint32_t> pending)
      : changes_(changes), all_(all), pending_(std::move(pending)) {}

  bool is_done() const { return pending_.empty(); }
  std::size_t size() const { return pending_.size(); }
  bool has_conflicts() const { return has_conflicts_; }  ///< of unique values, in this round
  bool has_learned() const { return has_learned_; }      ///< that another verb is right for some
  std::uint32_t given_way() const { return static_cast<std::uint32_t>(given_way_.size()); }  ///< so many are left out
  /// Keys of others that hold unique values, in this round.
  Strings in_the_way() const {
    Strings keys;
    for (auto const& [index, holder] : in_the_way_) keys.push_back(holder);
    return keys;
  }

  /// What is pending and wants this verb.
  std::vector<std::uint32_t> part(Verb verb) const {
    std::vector<std::uint32_t> result;
    for (auto const index : pending_) {
      if (existing_.contains(index) == (verb == Verb::Replace)) result.push_back(index);
    }
    return result;
  }

  void begin_round() {
    failed_.clear();
    in_the_way_.clear();
    has_conflicts_ = has_learned_ = false;
  }
  void end_round() { pending_ = std::exchange(failed_, {}); }

  /// The request body of a part; false if a document is no object.
  bool write_body(std::vector<std::uint32_t> const& part, std::string& body) const {
    IdCutter cutter;
    body.assign("[");
    for (auto const index : part) {
      if (body.size() > 1) body += ',';
      if (!cutter.append_without_id(changes_[index].document, body)) return false;
    }
    body += ']';
    return true;
  }

  /// Sorts the failures of a part: what is tried again and how, and which keys stand in the way. An item that cannot
  /// succeed is returned.
  std::optional<ServerError> take(std::vector<std::uint32_t> const& part, Verb verb,
                                  std::vector<ItemFailure> const& failures) {
    for (auto const& failure : failures) {
      auto const index = part[failure.index];
      if (failure.number == error::unique_constraint) {
        take_conflict(index, verb, failure.conflicting_key);
      } else if (failure.number == error::document_not_found && verb == Verb::Replace) {
        has_learned_ = true;
        existing_.erase(index);
      } else if (!is_transient(failure)) {
        return ServerError{0, failure.number};
      }
      failed_.push_back(index);
    }
    return std::nullopt;
  }

  /// Leaves out what wants a value that a newer document holds, unless that one's own change waits here, too. Returns
  /// whether there was any: then it is tried again, as more may give way, or none has to.
  bool give_way(Revisions const& of_holders) {
    std::set<std::string_view> waiting;
    for (auto const index : pending_) waiting.insert(changes_[index].key);
    std::set<std::uint32_t> out;
    for (auto const& [index, holder] : in_the_way_) {
      auto const held = of_holders.find(holder);
      if (held == of_holders.end() || waiting.contains(holder)) continue;
      if (revision::is_newer(held->second, changes_[index].revision)) out.insert(index);
    }
    std::erase_if(pending_, [&](std::uint32_t index) { return out.contains(index); });
    given_way_.insert(out.begin(), out.end());
    return !out.empty();
  }

  /// These documents were removed. Those that belong to the batch are put (back) after the ones they stood in the way
  /// of.
  void bring_back(Strings const& removed) {
    if (by_key_.empty()) {
      for (auto const index : all_) by_key_.emplace(changes_[index].key, index);
    }
    std::set<std::uint32_t> const waiting(pending_.begin(), pending_.end());
    for (auto const& key : removed) {
      auto const found = by_key_.find(key);
      if (found == by_key_.end() || waiting.contains(found->second) || given_way_.contains(found->second)) continue;
      pending_.push_back(found->second);
    }
  }

private:
  void take_conflict(std::uint32_t index, Verb verb, std::string const& key) {
    bool const is_other = !key.empty() && key != changes_[index].key;
    if (is_other) in_the_way_.emplace_back(index, key);
    // A server that does not name the key may mean either.
    bool const may_be_own = !is_other && verb == Verb::Insert;
    if (may_be_own) existing_.insert(index);
    has_learned_ = has_learned_ || may_be_own;
    has_conflicts_ = has_conflicts_ || !may_be_own;
  }

  codec::ChangesReader const& changes_;
  std::vector<std::uint32_t> const& all_;
  std::vector<std::uint32_t> pending_;
  std::vector<std::uint32_t> failed_;
  std::set<std::uint32_t> existing_;
  std::vector<std::pair<std::uint32_t, std::string>> in_the_way_;  ///< of whom, and who
  std::map<std::string_view, std::uint32_t> by_key_;
  std::set<std::uint32_t> given_way_;
  bool has_conflicts_ = false;
  bool has_learned_ = false;
};

struct PutOutcome {
  bool too_much = false;        ///< the request as such failed for its size; the caller makes it smaller
  std::uint32_t given_way = 0;  ///< documents that were left out
};

http::Task<Outcome<PutOutcome>> put_part(http::Scope& scope, Connection& connection, Destination destination,
                                         Order& order, Order::Verb verb) {
  auto const part = order.part(verb);
  if (part.empty()) co_return PutOutcome{};
  bool const inserts = verb == Order::Verb::Insert;
  Call call;
  call.what = "write documents of " + to_string(destination);
  call.method = inserts ? "POST" : "PUT";
  // `overwriteMode` from 3.7 on, `overwrite` from 3.4 on; what a server does not know it does not look at.
  call.target = document_path(destination, inserts ? "?isRestore=true&overwriteMode=replace&overwrite=true&silent=false"
                                                     "&refillIndexCaches=false"
                                                   : "?isRestore=true&ignoreRevs=true&silent=false");
  call.timeout = write_timeout;
  call.deadline = destination.deadline;
  call.may_come_late = true;
  if (!order.write_body(part, call.body)) {
    co_return unexpected(Fault{FaultClass::Permanent, call.what + ": a document is no JSON object"});
  }
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) {
    if (is_too_much(*reply) && order.size() > 1) co_return PutOutcome{true};
    co_return unexpected(fault_of(call.what, *reply));
  }
  auto const failures = parse_bulk_answer(reply->body, part.size());
  if (!failures) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
  if (auto const hopeless = order.take(part, verb, *failures)) co_return unexpected(fault_of(call.what, *hopeless));
  co_return PutOutcome{};
}

/// What was pushed aside: documents, or rather our own that wanted their place.
enum class Cleared { Holders, Own };

http::Task<Outcome<Cleared>> clear_the_way(http::Scope& scope, Connection& connection, Destination destination,
                                           Order& order, Putting how) {
  auto const holders = order.in_the_way();
  auto const tell = [&](std::string const& what) {
    connection.telemetry().log(ports::LogLevel::Debug, "cluster", what + " of " + to_string(destination));
  };
  if (how == Putting::UnlessNewer) {
    auto revisions = co_await read_revisions(scope, connection, destination, holders);
    if (!revisions) co_return unexpected(revisions.error());
    if (order.give_way(*revisions)) {
      tell("left out what wants unique values that newer documents have,");
      co_return Cleared::Own;
    }
  }
  auto removed = co_await delete_keys(scope, connection, destination, holders);
  if (!removed) co_return unexpected(removed.error());
  tell("removed " + std::to_string(holders.size()) + " documents that held unique values which others have now,");
  order.bring_back(holders);
  co_return Cleared::Holders;
}

http::Task<Outcome<PutOutcome>> put_some(http::Scope& scope, Connection& connection, Destination destination,
                                         Order& order, Putting how) {
  for (int round = 0; round < rounds_max; ++round) {
    order.begin_round();
    for (auto const verb : {Order::Verb::Insert, Order::Verb::Replace}) {
      auto outcome = co_await put_part(scope, connection, destination, order, verb);
      if (!outcome || outcome->too_much) co_return outcome;
    }
    order.end_round();
    // The first time it may be a matter of order only: the other document's change came later in the same request.
    if (round > 0 && !order.is_done() && !order.in_the_way().empty()) {
      auto const cleared = co_await clear_the_way(scope, connection, destination, order, how);
      if (!cleared) co_return unexpected(cleared.error());
      if (*cleared == Cleared::Own) round = 0;  // there are fewer now, so this ends
    }
    if (order.is_done()) co_return PutOutcome{false, order.given_way()};
    if (order.in_the_way().empty() && !order.has_learned()) {
      co_await scope.pause(round_pause * (round + 1));
    }
  }
  auto const why = order.has_conflicts() ? ServerError{0, error::unique_constraint} : ServerError{};
  co_return unexpected(fault_of("write documents of " + to_string(destination) + ", again and again", why));
}

}  // namespace

http::Task<Outcome<std::uint32_t>> put_documents(http::Scope& scope, Connection& connection, Destination destination,
                                                 codec::ChangesReader changes, std::vector<std::uint32_t> indexes,
                                                 Putting how) {
  auto stored = static_cast<std::uint32_t>(indexes.size());
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
    auto outcome = co_await put_some(scope, connection, destination, order, how);
    if (!outcome) co_return unexpected(outcome.error());
    stored -= outcome->given_way;
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
  co_return stored;
}

http::Task<Outcome<Done>> truncate_collection(http::Scope& scope, Connection& connection, Destination destination) {
  Call call;
  call.what = "truncate " + to_string(destination);
  call.method = "PUT";
  call.target = in_database(destination.database,
                            "/_api/collection/" + http::percent_encode(destination.collection.value()) + "/truncate");
  call.timeout = write_timeout;
  call.deadline = destination.deadline;
  call.may_come_late = true;
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  co_return Done{};
}

}  // namespace arangosync::cluster
