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
  FaultClass fault_class;
  std::string_view name;
};

// Sorted by number. What is not listed is Permanent: asking again cannot help with an answer nobody expected.
constexpr Row table[] = {
    {3, 4, FaultClass::Retry, "internal error"},
    {9, 10, FaultClass::Permanent, "not implemented or bad parameter"},
    {11, 11, FaultClass::Denied, "not allowed"},
    {18, 18, FaultClass::Retry, "lock timeout"},
    {21, 21, FaultClass::Retry, "request cancelled"},
    {28, 29, FaultClass::Retry, "locked or deadlock"},
    {30, 30, FaultClass::Retry, "shutting down"},
    {31, 31, FaultClass::Permanent, "only in the Enterprise Edition"},
    {32, 32, FaultClass::Retry, "resource limit exceeded"},
    {38, 38, FaultClass::Retry, "starting up"},
    {503, 503, FaultClass::Retry, "service unavailable"},
    {600, 600, FaultClass::Permanent, "corrupted JSON"},
    {1004, 1004, FaultClass::Retry, "read only, or write concern not met"},
    {1005, 1005, FaultClass::Permanent, "duplicate identifier"},
    {1200, 1200, FaultClass::Retry, "write-write conflict"},
    {1202, 1202, FaultClass::NotFound, "document not found"},
    {1203, 1203, FaultClass::Refresh, "collection not found"},
    {1207, 1207, FaultClass::Permanent, "duplicate name"},
    {1208, 1208, FaultClass::Permanent, "illegal name"},
    {1210, 1210, FaultClass::Permanent, "unique constraint violated"},
    {1212, 1212, FaultClass::NotFound, "index not found"},
    {1216, 1216, FaultClass::Permanent, "document too large"},
    {1228, 1228, FaultClass::Refresh, "database not found"},
    {1230, 1230, FaultClass::Permanent, "operation only allowed in system database"},
    {1429, 1429, FaultClass::Retry, "write concern not fulfilled"},
    {1448, 1448, FaultClass::Refresh, "structure changed meanwhile"},
    {1449, 1449, FaultClass::Refresh, "unknown DB-Server"},
    {1454, 1454, FaultClass::Refresh, "structure change failed"},
    {1456, 1456, FaultClass::Refresh, "structure change failed"},
    {1457, 1457, FaultClass::Retry, "cluster timeout"},
    {1458, 1463, FaultClass::Refresh, "structure change failed"},
    {1464, 1464, FaultClass::Retry, "shard gone"},
    {1465, 1465, FaultClass::Retry, "connection inside the cluster lost"},
    {1467, 1467, FaultClass::Refresh, "structure change failed"},
    {1474, 1474, FaultClass::Retry, "cluster internal timeout"},
    {1478, 1478, FaultClass::Retry, "backend unavailable"},
    {1485, 1485, FaultClass::Refresh, "other collections share its sharding"},
    {1486, 1486, FaultClass::Refresh, "prototype of the sharding unknown"},
    {1487, 1487, FaultClass::Refresh, "not enough DB-Servers for the replication factor"},
    {1488, 1488, FaultClass::Refresh, "structure change failed"},
    {1489, 1490, FaultClass::Retry, "not the shard's leader"},
    {1491, 1491, FaultClass::Retry, "shard leader resigned"},
    {1492, 1492, FaultClass::Refresh, "agency communication failed"},
    {1495, 1496, FaultClass::Retry, "leadership is moving"},
    {1497, 1499, FaultClass::Refresh, "structure change failed"},
    {1500, 1500, FaultClass::Retry, "query killed"},
    {1600, 1600, FaultClass::NotFound, "cursor not found"},
    {1601, 1601, FaultClass::Retry, "cursor busy"},
    {1654, 1655, FaultClass::Retry, "transaction gone"},
    {1942, 1942, FaultClass::Refresh, "collection is part of a graph"},
    {4002, 4002, FaultClass::Refresh, "smart collection still needed"},
    {7001, 7012, FaultClass::Retry, "hot backup under way"},
    {21003, 21004, FaultClass::Retry, "server queue full"},
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

Fault fault_of(std::string_view what, ServerError error) {
  return Fault{fault_class(error), std::string(what) + ": " + describe(error)};
}

Fault fault_of(std::string_view what, http::Response const& response) { return fault_of(what, server_error(response)); }

Fault fault_of(std::string_view what, http::Failure const& failure) {
  auto const fault_class = failure.kind == http::Failure::Kind::TooLarge ? FaultClass::Permanent : FaultClass::Retry;
  return Fault{fault_class, std::string(what) + ": " + failure.message};
}

}  // namespace arangosync::cluster
