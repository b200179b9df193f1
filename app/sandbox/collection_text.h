// How the imitated server shows a collection: which properties it has depends on version, engine and on whether it is a
// single server (dialect.h). Called by collection_api.cpp, view_api.cpp and follow_api.cpp. Never changes the model.
#pragma once

#include "app/sandbox/api.h"

namespace arangosync::sandbox {

/// "c10054/" of a cluster, "hF3D8AF2E752B/66939" of a single server; system collections of the latter by their name.
std::string unique_id(Shared const& shared, sim::ModelCollection const& collection);

/// What lists and actions show.
json::Object collection_summary(Shared const& shared, sim::ModelCollection const& collection);

/// What `properties` shows.
json::Object collection_properties(Shared const& shared, sim::ModelCollection const& collection);

/// The member "figures".
std::string collection_figures(Shared const& shared, sim::ModelCollection const& collection, bool with_details);

}  // namespace arangosync::sandbox
