// JSON forms of the pieces of a master's state. Used by layout*.cpp only.
#pragma once

#include "domain/master/master.h"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace arangosync::agency::layout {

/// Thrown by the readers, caught in layout_read.cpp.
struct Unreadable {
  std::string what;
};

// ---- writing -------------------------------------------------------------------------------------------------------
boost::json::value json_of(std::vector<Url> const& urls);
boost::json::value json_of(master::WorkerCa const& ca);
boost::json::value json_of(membership::WorkerRecord const& worker);
/// Left out where none is known.
void put_reign(boost::json::object& json, Reign const& reign);
boost::json::value json_of(task::Task const& task);
boost::json::value json_of(master::TokenEntry const& entry);
boost::json::value json_of(sync::Authentication const& authentication);
boost::json::value json_of(task::QueueConfig const& queue);
boost::json::value json_of(sync::ShardEntry const& entry);
boost::json::value json_of(sync::Order const& order);
boost::json::value json_of(sync::Endings const& endings);
boost::json::value json_of(sync::Cancellation const& cancellation);
boost::json::value mode_json(sync::ServerMode mode);
/// All fields but shards and endings; what is left out says nothing.
boost::json::object fields_of(sync::Incoming const& incoming);
boost::json::object fields_of(sync::Outgoing const& outgoing);
boost::json::object shards_json(std::map<ShardRef, sync::ShardEntry> const& shards);

// ---- reading; throw Unreadable -------------------------------------------------------------------------------------
master::WorkerCa read_ca(boost::json::value const& json);
membership::WorkerRecord read_worker(boost::json::value const& json);
Reign reign_at(boost::json::object const& in);
task::Task read_task(boost::json::value const& json);
master::TokenEntry read_token(boost::json::value const& json);
sync::Incoming read_incoming(boost::json::value const& json);
sync::Outgoing read_outgoing(boost::json::value const& json);

sync::ShardEntry read_shard(boost::json::value const& json);

// ---- members of an object; absent is empty, what cannot be understood throws
boost::json::value time_json(WallTime at);
WallTime time_at(boost::json::object const& in, char const* name);
sync::Status status_at(boost::json::object const& in);  ///< "state"
std::optional<sync::ServerMode> mode_at(boost::json::object const& in, char const* name);
sync::Authentication authentication_at(boost::json::object const& in);  ///< "authentication"
task::QueueConfig queue_at(boost::json::object const& in, char const* name);
sync::BarrierWish wish_at(boost::json::object const& in);          ///< "barrier"
std::vector<ClusterId> lineage_at(boost::json::object const& in);  ///< "lineage"
/// "cancellation"; there is one only while cancelling.
std::optional<sync::Cancellation> cancellation_at(boost::json::object const& in, sync::Status status);
std::optional<sync::Order> order_at(boost::json::object const& in);  ///< "order"
ShardRef shard_at(boost::json::object const& in);                    ///< "database", "collection", "shardIndex"

// ---- access; absent and null are empty -----------------------------------------------------------------------------
boost::json::object const& object_at(boost::json::object const& in, char const* name);
std::string text_at(boost::json::object const& in, char const* name);
std::uint64_t number_at(boost::json::object const& in, char const* name);
Duration duration_at(boost::json::object const& in, char const* name);  ///< nanoseconds
bool bool_at(boost::json::object const& in, char const* name, bool otherwise = false);
std::vector<Url> urls_at(boost::json::object const& in, char const* name);
boost::json::object const& as_object(boost::json::value const& json, std::string const& what);

}  // namespace arangosync::agency::layout
