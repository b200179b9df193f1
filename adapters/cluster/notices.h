// What a cluster must be told after documents of its system collections were written behind its back (spec
// arangodb-write 7.4, 8.3). Used by shard_writer.cpp, which answers only afterwards: so nothing has to be remembered,
// and a notice that did not get through is repeated together with its batch.
#pragma once

#include "adapters/cluster/document_calls.h"

namespace arangosync::cluster {

/// `_users`: Coordinators keep users in memory and are told to read them again; a fault if that fails. `_apps` and
/// `_appbundles`: every Coordinator is told to install what is missing; one that cannot be reached finds out by itself
/// within minutes. `_graphs`: nobody is told, but smart graphs get the ids of this cluster. Nothing for all other
/// collections.
http::Task<Outcome<Done>> tell_cluster(http::Scope& scope, Connection& connection, Destination destination);

}  // namespace arangosync::cluster
