// The structure of a cluster as tables of message.fbs, there and back. Used by message.cpp only; input is verified
// already.
#pragma once

#include "adapters/codec/message_generated.h"
#include "domain/base/result.h"
#include "domain/inventory/structure.h"

#include <cstddef>
#include <string>

namespace arangosync::codec {

using WireDatabases = flatbuffers::Vector<flatbuffers::Offset<wire::Database>>;

flatbuffers::Offset<WireDatabases> put(flatbuffers::FlatBufferBuilder& builder, inventory::Structure const& structure);
/// Null stands for none. Error: two databases or collections of one name; more text than `message_bytes` can hold.
Expected<inventory::Structure, std::string> get(WireDatabases const* databases, std::size_t message_bytes);

}  // namespace arangosync::codec
