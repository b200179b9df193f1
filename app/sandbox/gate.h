// Who may enter: tokens, passwords and the rights of users (spec arangodb-read 1.1 - 1.3, arangodb-write 7.1, 9.2).
#pragma once

#include "app/sandbox/call.h"
#include "app/sandbox/shared.h"

#include <optional>
#include <string>

namespace arangosync::sandbox {

/// Fills call.caller, or answers the request that has no right to be here. Under the lock.
std::optional<Response> refuse(Shared& shared, Call& call);

/// POST /_open/auth.
Response authenticate(Shared& shared, Call const& call);

/// What Coordinators know of a user, or null.
sim::ModelDocumentPtr known_user(Shared const& shared, std::string_view user);
/// The document of a user in _users, or null.
sim::ModelDocumentPtr find_user(sim::ClusterModel const& model, std::string_view user);
/// Level a user has for a database: an entry of its own, else that of "*". (Read-only mode is the model's business.)
Access access_of(sim::ModelDocument const& user, std::string const& database);
/// Level a user has for a collection: an entry of its own, else that of "*", else the one for the database.
Access access_of(sim::ModelDocument const& user, std::string const& database, std::string const& collection);
/// The answer to a caller who may not read (write) the collection; nothing if he may.
std::optional<Response> refuse_collection(Shared const& shared, Call const& call, std::string const& collection,
                                          Access needed);
char const* to_text(Access access);  ///< "none", "ro", "rw"
/// {"active":true,"simple":{"hash":…,"salt":…,"method":"sha256"}}
std::string auth_data(sim::ClusterModel& model, std::string_view password, bool is_active);
/// Creates root, who may do everything.
void create_root(Shared& shared);
std::string permissions_json(Access access);  ///< {"permissions":{…}}'s inner object
/// Of an object with "permissions"; nothing if it is inherited or absent.
std::optional<Access> access_in(std::string_view entry);

}  // namespace arangosync::sandbox
