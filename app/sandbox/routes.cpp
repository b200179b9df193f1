#include "app/sandbox/api.h"
#include "app/sandbox/gate.h"

namespace arangosync::sandbox {
namespace {

Response on_coordinator(Shared& shared, Call const& call) {
  auto what = call.part(1);
  if (what == "document") return document_api(shared, call);
  if (what == "collection") return collection_api(shared, call);
  if (what == "index") return index_api(shared, call);
  if (what == "database") return database_api(shared, call);
  if (what == "import") return import_api(shared, call);
  if (what == "cursor" || what == "simple") return query_api(shared, call);
  if (what == "user") return user_api(shared, call);
  if (what == "edges") return edges_api(shared, call);
  if (what == "aqlfunction") return function_api(shared, call);
  if (what == "view" && shared.dialect.at_least(3, 4)) return view_api(shared, call);
  if (what == "analyzer" && shared.dialect.at_least(3, 5)) return analyzer_api(shared, call);
  if (what == "foxx") return foxx_api(shared, call);
  return unknown_path(call);
}

}  // namespace

Response dispatch(Shared& shared, Call const& call) {
  auto area = call.part(0);
  auto what = call.part(1);
  if (area == "_admin") return admin_api(shared, call);
  if (area == "_sandbox") return fault_api(shared, call);
  if (area == "_open" && what == "auth" && call.role == Role::Coordinator) return authenticate(shared, call);
  if (area != "_api") return unknown_path(call);
  bool is_about_server = what == "version" || what == "engine" || what == "cluster" || what == "endpoint";
  if (is_about_server) return server_api(shared, call);
  if (call.role == Role::Agent) return what == "agency" ? agency_api(shared, call) : unknown_path(call);
  if (what == "replication") return replication_api(shared, call);
  if (what == "wal") return wal_api(shared, call);
  if (call.role == Role::DbServer) return unknown_path(call);
  return on_coordinator(shared, call);
}

}  // namespace arangosync::sandbox
