#include "adapters/cluster/error_class.h"

#include "adapters/cluster/json_value.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace arangosync::cluster {
namespace {

struct Row {
  int first;
  int last;
  Handling handling;
  FaultClass fault_class;  ///< for callers that do nothing in particular about it
  std::string_view name;
};

constexpr Row retry(int first, int last, std::string_view name) {
  return {first, last, Handling::Retry, FaultClass::Retry, name};
}
constexpr Row retry(int number, std::string_view name) { return retry(number, number, name); }
constexpr Row refresh(int first, int last, std::string_view name) {
  return {first, last, Handling::Refresh, FaultClass::Refresh, name};
}
constexpr Row refresh(int number, std::string_view name) { return refresh(number, number, name); }
constexpr Row permanent(int first, int last, std::string_view name) {
  return {first, last, Handling::Permanent, FaultClass::Permanent, name};
}
constexpr Row permanent(int number, std::string_view name) { return permanent(number, number, name); }
constexpr Row denied(int number, std::string_view name) {
  return {number, number, Handling::Permanent, FaultClass::Denied, name};
}
constexpr Row resolve(int number, FaultClass otherwise, std::string_view name) {
  return {number, number, Handling::Resolve, otherwise, name};
}
constexpr Row skip(int number, FaultClass otherwise, std::string_view name) {
  return {number, number, Handling::Skip, otherwise, name};
}

// Sorted by number. What is not listed is Permanent: asking again cannot help with an answer nobody expected.
constexpr Row table[] = {
    retry(3, 4, "internal error"),
    resolve(9, FaultClass::Permanent, "not implemented"),
    permanent(10, "bad parameter"),
    denied(11, "not allowed"),
    retry(18, "lock timeout"),
    retry(21, "request cancelled"),
    retry(28, 29, "locked or deadlock"),
    retry(30, "shutting down"),
    permanent(31, "only in the Enterprise Edition"),
    resolve(32, FaultClass::Retry, "resource limit exceeded"),
    retry(38, "starting up"),
    denied(403, "forbidden"),
    retry(408, "timeout"),
    resolve(413, FaultClass::Permanent, "request too large"),
    retry(500, "internal error"),
    retry(503, 504, "service unavailable"),
    permanent(600, "corrupted JSON"),
    retry(1004, "read only, or write concern not met"),
    resolve(1005, FaultClass::Permanent, "duplicate identifier"),
    retry(1200, "write-write conflict"),
    skip(1202, FaultClass::NotFound, "document not found"),
    refresh(1203, "collection not found"),
    skip(1207, FaultClass::Permanent, "duplicate name"),
    permanent(1208, "illegal name"),
    resolve(1210, FaultClass::Permanent, "unique constraint violated"),
    skip(1212, FaultClass::NotFound, "index not found"),
    permanent(1216, "document too large"),
    refresh(1228, "database not found"),
    permanent(1229, "illegal database name"),
    permanent(1230, "operation only allowed in system database"),
    retry(1429, "write concern not fulfilled"),
    refresh(1448, "structure changed meanwhile"),
    refresh(1449, "unknown DB-Server"),
    refresh(1454, "structure change failed"),
    refresh(1456, "structure change failed"),
    retry(1457, "cluster timeout"),
    refresh(1458, 1463, "structure change failed"),
    retry(1464, "shard gone"),
    retry(1465, "connection inside the cluster lost"),
    refresh(1467, "structure change failed"),
    retry(1474, "cluster internal timeout"),
    retry(1478, "backend unavailable"),
    resolve(1485, FaultClass::Refresh, "other collections share its sharding"),
    refresh(1486, "prototype of the sharding unknown"),
    refresh(1487, "not enough DB-Servers for the replication factor"),
    refresh(1488, "structure change failed"),
    retry(1489, 1490, "not the shard's leader"),
    retry(1491, "shard leader resigned"),
    refresh(1492, "agency communication failed"),
    retry(1495, 1496, "leadership is moving"),
    refresh(1497, 1499, "structure change failed"),
    retry(1500, "query killed"),
    resolve(1600, FaultClass::NotFound, "cursor not found"),
    retry(1601, "cursor busy"),
    retry(1654, 1655, "transaction gone"),
    resolve(1942, FaultClass::Refresh, "collection is part of a graph"),
    resolve(4002, FaultClass::Refresh, "smart collection still needed"),
    retry(7001, 7012, "hot backup under way"),
    retry(21003, 21004, "server queue full"),
};

Row const* find_row(int number) {
  auto const row = std::upper_bound(std::begin(table), std::end(table), number,
                                    [](int wanted, Row const& candidate) { return wanted < candidate.first; });
  if (row == std::begin(table)) return nullptr;
  auto const* const found = std::prev(row);
  return number <= found->last ? found : nullptr;
}

FaultClass class_of_status(int status) {
  switch (status) {
    case 401:
    case 403:
      return FaultClass::Denied;
    case 408:
    case 421:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return FaultClass::Retry;
    default:
      return FaultClass::Permanent;
  }
}

}  // namespace

ServerError server_error(http::Response const& response) {
  ServerError result{response.status, 0};
  if (auto const body = parse_json(response.body)) {
    result.number = static_cast<int>(integer_of(*body, "errorNum").value_or(0));
  }
  return result;
}

Handling handling(int number) {
  auto const* row = find_row(number);
  return row == nullptr ? Handling::Permanent : row->handling;
}

FaultClass fault_class(ServerError error) {
  if (error.number == 0) {
    // An item of a bulk answer without any number: a shard could not be spoken to.
    return error.status == 0 ? FaultClass::Retry : class_of_status(error.status);
  }
  if (auto const* row = find_row(error.number)) return row->fault_class;
  // Handlers also use HTTP's own codes as error numbers.
  return error.number == error.status ? class_of_status(error.status) : FaultClass::Permanent;
}

std::string describe(ServerError error) {
  if (error.number == 0) return error.status == 0 ? "no answer from a shard" : "HTTP " + std::to_string(error.status);
  auto const* row = find_row(error.number);
  auto const number = "(" + std::to_string(error.number) + ")";
  return row == nullptr ? "server error " + number : std::string(row->name) + " " + number;
}

std::string_view remedy(int number) {
  switch (number) {
    case 9:
    case 10:
      return "does the target have the source's version, or a newer one?";
    case 11:
      return "is the cluster's secret that of the masters?";
    case 31:
      return "the target needs the Enterprise Edition, as the source has it";
    case 1208:
      return "allow extended names on the target, as on the source";
    case 1210:
      return "is done once the documents no longer collide";
    case 1450:
      return "raise --cluster.max-number-of-shards of the target";
    case 1487:
      return "add DB-Servers to the target, or give its masters --cluster.max-replication-factor";
    case 1942:
      return "is done when the change of the graph has arrived";
    default:
      return "";
  }
}

Fault fault_of(std::string_view what, ServerError error) {
  return Fault{fault_class(error), std::string(what) + ": " + describe(error)};
}

Fault fault_of(std::string_view what, http::Response const& response) { return fault_of(what, server_error(response)); }

Fault fault_of(std::string_view what, http::Failure const& failure) {
  auto const fault_class = failure.kind == http::Failure::Kind::TooLarge ? FaultClass::Permanent : FaultClass::Retry;
  return Fault{fault_class, std::string(what) + ": " + failure.message};
}

}  // namespace arangosync::cluster
