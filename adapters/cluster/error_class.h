// How a failed call to a cluster is to be taken: the table of spec arangodb-write 10.2, in one place.
//
// Used by everything in this room. Messages are made of our own words and the error's number: what a server writes into
// errorMessage may quote documents, so it is never passed on.
#pragma once

#include "adapters/http/http.h"
#include "domain/base/result.h"

#include <string>
#include <string_view>

namespace arangosync::cluster {

/// ArangoDB error numbers that calls of this room react to one by one.
namespace error {
inline constexpr int internal = 4;
inline constexpr int not_implemented = 9;
inline constexpr int bad_parameter = 10;
inline constexpr int forbidden = 11;
inline constexpr int locked = 28;
inline constexpr int lock_timeout = 18;
inline constexpr int resource_limit = 32;
inline constexpr int duplicate_identifier = 1005;
inline constexpr int conflict = 1200;
inline constexpr int document_not_found = 1202;
inline constexpr int collection_not_found = 1203;
inline constexpr int duplicate_name = 1207;
inline constexpr int unique_constraint = 1210;
inline constexpr int index_not_found = 1212;
inline constexpr int database_not_found = 1228;
inline constexpr int cluster_timeout = 1457;
inline constexpr int shard_gone = 1464;
inline constexpr int connection_lost = 1465;
inline constexpr int backend_unavailable = 1478;
inline constexpr int leader_resigned = 1491;
inline constexpr int cursor_not_found = 1600;
}  // namespace error

/// Status and errorNum of an answer; number 0 if the body has none.
struct ServerError {
  int status = 0;
  int number = 0;
};
ServerError server_error(http::Response const& response);

/// The handling that the specification prescribes. Whoever makes a call resolves and skips what it can; what it cannot
/// is taken by its fault class.
enum class Handling {
  Retry,      ///< the same call later
  Refresh,    ///< look at the cluster anew, then the call as it is right now
  Resolve,    ///< something in particular is done about it: a conflict removed, a request made smaller, another way
  Skip,       ///< it is so already
  Permanent,  ///< reported; only an operator, or another document, helps
};
Handling handling(int number);

/// Of an answer whose status says failure, or of one item of a bulk answer (status 0).
FaultClass fault_class(ServerError error);

/// "unique constraint violated (1210)", "HTTP 503".
std::string describe(ServerError error);

/// What an operator can do about a change of structure that is refused so; empty if nothing in particular.
std::string_view remedy(int number);

/// `what` names the call and its thing: "create collection shop/products".
Fault fault_of(std::string_view what, ServerError error);
Fault fault_of(std::string_view what, http::Response const& response);
Fault fault_of(std::string_view what, http::Failure const& failure);

inline bool succeeded(http::Response const& response) { return response.status >= 200 && response.status < 300; }

}  // namespace arangosync::cluster
