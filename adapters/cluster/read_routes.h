// By which way each DB-Server of the source is read (spec arangodb-read 1.5; docs/decisions/0021):
//  - direct: the DB-Server itself; its whole log is one stream (wal/tail);
//  - coordinator: every call goes through a Coordinator, which passes it on; the log is one stream per database
//    (logger-follow), from 3.8 to 3.12.9;
//  - compare: as coordinator, but the log cannot be read at all: what changed is found by comparing trees.
//
// Found out by asking, in this order, and asked again when the server's version changes, when the way keeps failing,
// and from time to time while a better one may have opened. Part of SourceClusterHttp, in whose scope everything runs.
// Thread-safe. Says what it chose in the log and as a metric. Nothing here is ever persisted.
#pragma once

#include "adapters/cluster/calls.h"
#include "adapters/cluster/route_rule.h"
#include "domain/worker/vocabulary.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace arangosync::cluster {

enum class ReadRoute { Direct, Coordinator, Compare };
char const* to_text(ReadRoute route);

/// "syncerId=…&serverId=…&clientInfo=arangosync", which may be gone on with: for whom a server keeps its log (spec
/// arangodb-read 6.7). Servers before 3.5 know no syncerId and take the other for the reader's name; later ones only
/// show it.
std::string identity_of(worker::SyncerId syncer);

class ReadRoutes {
public:
  ReadRoutes(http::Scope& scope, Connection& connection, RouteRule rule)
      : scope_(scope), connection_(connection), rule_(rule) {}

  /// The way to the server, which is looked for if it is not known. Fault: none could be found now.
  http::Task<Outcome<ReadRoute>> choose(ServerId server);
  /// A call that has the same form on all ways ("/_api/replication/…"), or one of the given way alone.
  http::Task<Reply> call(ReadRoute route, ServerId server, Call call);
  /// The version that the server told with an answer: with another one other ways may be open.
  void saw_version(ServerId const& server, std::string const& version);
  /// A call that was made by itself has failed.
  void failed(ServerId const& server) { note(server, false); }
  /// The way is closed: the server no longer knows the calls that it needs.
  void closed(ServerId const& server);

private:
  struct Known {
    std::optional<ReadRoute> route;
    std::string version;
    std::uint32_t failures = 0;  ///< calls that failed, one after the other
    bool in_doubt = false;
    Instant look_again;  ///< not before, while in doubt; when, while a better way may open
  };
  struct Found {
    ReadRoute route = ReadRoute::Direct;
    std::string why;  ///< the ways before it are closed
  };

  http::Task<Outcome<Found>> look(ServerId server);
  http::Task<Outcome<Done>> try_direct(ServerId server);
  http::Task<Outcome<Found>> try_coordinator(ServerId server);
  void settle(ServerId const& server, Found const& found);
  void note(ServerId const& server, bool succeeded);

  http::Scope& scope_;
  Connection& connection_;
  RouteRule const rule_;
  std::mutex mutex_;
  std::map<ServerId, Known> servers_;
};

/// The call's target with the server a Coordinator is to pass it on to.
std::string passed_on(std::string target, ServerId const& server);

}  // namespace arangosync::cluster
