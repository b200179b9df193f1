// Calls to our own system collections on the target (own_collections.h, pulses.h): small documents of `_system`, in
// collections that are made when they are first written. Part of TargetClusterHttp.
#pragma once

#include "adapters/cluster/calls.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace arangosync::cluster {

DatabaseName system_database();

struct OwnDocument {
  std::string key;
  std::string text;
};
/// Replaces or inserts documents, whatever is there.
http::Task<Outcome<Done>> put_own(http::Scope& scope, Connection& connection, std::string collection,
                                  std::vector<OwnDocument> documents, Instant deadline);

/// Inserts one document ("POST"), or replaces one ("PUT", with "?ignoreRevs=false" only its revision).
struct OwnWrite {
  std::string collection;
  std::string method;
  std::string query;
  std::string document;
  Instant deadline;
  Duration timeout{std::chrono::seconds(60)};
};
/// 0, or the number of the error that the document met.
http::Task<Outcome<int>> write_own(http::Scope& scope, Connection& connection, OwnWrite write);

/// One document; absent: there is none.
http::Task<Outcome<std::optional<std::string>>> read_own(http::Scope& scope, Connection& connection, std::string what,
                                                         std::string collection, std::string key,
                                                         Duration timeout = std::chrono::seconds(60));

/// All documents of a small collection, our own or not; none if there is no such collection.
http::Task<Outcome<std::vector<std::string>>> read_all(http::Scope& scope, Connection& connection,
                                                       DatabaseName database, CollectionName collection);

http::Task<Outcome<Done>> delete_own(http::Scope& scope, Connection& connection, std::string collection,
                                     std::vector<std::string> keys, Instant deadline);

}  // namespace arangosync::cluster
