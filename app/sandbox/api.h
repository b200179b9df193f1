// The parts of ArangoDB's API, one function each; every one is called under the lock with a caller who may enter.
#pragma once

#include "app/sandbox/call.h"
#include "app/sandbox/shared.h"

#include <optional>

namespace arangosync::sandbox {

Response agency_api(Shared& shared, Call const& call);       ///< /_api/agency/… on the agent
Response admin_api(Shared& shared, Call const& call);        ///< /_admin/…
Response server_api(Shared& shared, Call const& call);       ///< /_api/version, engine, endpoint, cluster/endpoints
Response database_api(Shared& shared, Call const& call);     ///< /_api/database
Response collection_api(Shared& shared, Call const& call);   ///< /_api/collection
Response index_api(Shared& shared, Call const& call);        ///< /_api/index
Response document_api(Shared& shared, Call const& call);     ///< /_api/document
Response import_api(Shared& shared, Call const& call);       ///< /_api/import
Response query_api(Shared& shared, Call const& call);        ///< /_api/cursor, /_api/simple/all-keys
Response edges_api(Shared& shared, Call const& call);        ///< /_api/edges
Response function_api(Shared& shared, Call const& call);     ///< /_api/aqlfunction
Response view_api(Shared& shared, Call const& call);         ///< /_api/view
Response analyzer_api(Shared& shared, Call const& call);     ///< /_api/analyzer
Response foxx_api(Shared& shared, Call const& call);         ///< /_api/foxx
Response user_api(Shared& shared, Call const& call);         ///< /_api/user
Response replication_api(Shared& shared, Call const& call);  ///< /_api/replication
Response revision_api(Shared& shared, Call const& call);     ///< /_api/replication/revisions
Response keys_api(Shared& shared, Call const& call);         ///< /_api/replication/keys
Response wal_api(Shared& shared, Call const& call);          ///< /_api/wal

Response fault_api(Shared& shared, Call const& call);  ///< /_sandbox

/// Who reads the log; nothing if the ids are not positive integers.
std::optional<sim::LogClient> log_client(Shared const& shared, Call const& call);

/// Is there an analyzer of that name, built in or of this database or of _system ("::mine", "_system::mine")?
bool knows_analyzer(Shared& shared, Call const& call, std::string const& name);

/// logger-follow; `shard` empty: of the whole database.
Response follow_api(Shared& shared, Call const& call, std::string const& shard);
/// The dump of an engine with journals: no snapshot, deletions told.
Response journal_dump(Shared& shared, Call const& call, std::string const& shard);

/// The member "stats" of a query that looked at so many documents, and changed none.
std::string query_statistics(Dialect const& dialect, std::size_t scanned);

/// Finds the function for the path. Everything that is not known: 404.
Response dispatch(Shared& shared, Call const& call);

}  // namespace arangosync::sandbox
