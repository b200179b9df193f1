#include "adapters/codec/message.h"

#include "adapters/codec/envelope.h"
#include "adapters/codec/message_generated.h"
#include "adapters/codec/structure.h"
#include "domain/base/overloaded.h"

#include <cstdint>

namespace arangosync::codec {

namespace {

using Builder = flatbuffers::FlatBufferBuilder;
using Void = flatbuffers::Offset<void>;

constexpr std::size_t table_bytes_min = 4;
constexpr flatbuffers::uoffset_t depth_max = 16;

std::string text(flatbuffers::String const* value) { return value == nullptr ? std::string() : value->str(); }

// ---- writing --------------------------------------------------------------------------------------------------------

flatbuffers::Offset<wire::Position> put(Builder& builder, shard::Position const& position) {
  auto const shard = builder.CreateString(position.shard.value());
  auto const server = builder.CreateString(position.server.value());
  auto const instance = builder.CreateString(position.instance);
  auto const stream = builder.CreateString(position.stream.value());
  return wire::CreatePosition(builder, shard, server, instance, position.from.value(), position.last_scanned.value(),
                              stream, position.boot, position.reign);
}

flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> put(Builder& builder, Blob const& blob) {
  std::string_view const bytes = blob.bytes();
  return builder.CreateVector(reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size());
}

flatbuffers::Offset<wire::Payload> put(Builder& builder, shard::Payload const& payload) {
  auto const changes = put(builder, payload.changes);
  return wire::CreatePayload(builder, changes, payload.count);
}

std::int64_t nanoseconds(WallTime time) { return time.since_epoch().count(); }

struct Put {
  Builder& builder;
  wire::Body type = wire::Body::NONE;
  Void body;

  template <class Offset>
  void set(wire::Body kind, Offset offset) {
    type = kind;
    body = offset.Union();
  }

  void operator()(shard::Hello const&) { set(wire::Body::Hello, wire::CreateHello(builder)); }
  void operator()(shard::SnapshotBegin const& message) {
    auto const collection = builder.CreateString(message.collection);
    set(wire::Body::SnapshotBegin, wire::CreateSnapshotBegin(builder, collection));
  }
  void operator()(shard::SnapshotDocuments const& message) {
    auto const documents = put(builder, message.documents);
    set(wire::Body::SnapshotDocuments, wire::CreateSnapshotDocuments(builder, documents));
  }
  void operator()(shard::SnapshotEnd const& message) {
    auto const position = put(builder, message.position);
    set(wire::Body::SnapshotEnd, wire::CreateSnapshotEnd(builder, position, message.documents));
  }
  void operator()(shard::CompareBegin const& message) {
    auto const collection = builder.CreateString(message.collection);
    auto const tree = put(builder, message.tree);
    set(wire::Body::CompareBegin, wire::CreateCompareBegin(builder, collection, tree));
  }
  void operator()(shard::CompareChanges const& message) {
    auto const changes = put(builder, message.changes);
    set(wire::Body::CompareChanges, wire::CreateCompareChanges(builder, changes));
  }
  void operator()(shard::PartDone const& message) {
    auto const detail = put(builder, message.detail.value_or(Blob()));
    set(wire::Body::PartDone, wire::CreatePartDone(builder, message.part, message.detail.has_value(), detail));
  }
  void operator()(shard::CompareEnd const& message) {
    auto const position = put(builder, message.position);
    set(wire::Body::CompareEnd, wire::CreateCompareEnd(builder, position));
  }
  void operator()(shard::Changes const& message) {
    auto const changes = put(builder, message.changes);
    auto const position = put(builder, message.position);
    set(wire::Body::Changes,
        wire::CreateChanges(builder, changes, position, nanoseconds(message.source_time), message.log_end));
  }
  void operator()(shard::Heartbeat const& message) {
    auto const position = put(builder, message.position);
    set(wire::Body::Heartbeat,
        wire::CreateHeartbeat(builder, position, message.log_end, nanoseconds(message.source_time)));
  }
  void operator()(shard::Trouble const& message) {
    auto const reason = builder.CreateString(message.reason);
    set(wire::Body::Trouble, wire::CreateTrouble(builder, reason));
  }
  void operator()(shard::PublishedStructure const& message) {
    auto const databases = codec::put(builder, message.structure);
    set(wire::Body::PublishedStructure,
        wire::CreatePublishedStructure(builder, databases, nanoseconds(message.source_time)));
  }
  void operator()(shard::Request const& message) {
    flatbuffers::Offset<wire::Position> position;
    if (message.position) position = put(builder, *message.position);
    set(wire::Body::Request, wire::CreateRequest(builder, message.epoch.value(), position, message.doubt));
  }
  void operator()(shard::Acknowledge const& message) {
    set(wire::Body::Acknowledge, wire::CreateAcknowledge(builder, message.epoch.value(), message.applied.value()));
  }
  void operator()(shard::Difference const& message) {
    auto const ranges = put(builder, message.ranges);
    set(wire::Body::Difference,
        wire::CreateDifference(builder, message.epoch.value(), message.part, ranges, message.last));
  }
  void operator()(shard::CopyWanted const& message) {
    auto const reason = builder.CreateString(message.reason);
    set(wire::Body::CopyWanted, wire::CreateCopyWanted(builder, message.epoch.value(), reason));
  }
};

std::size_t payload_bytes(shard::Message const& message) {
  auto const* const data = std::get_if<shard::DataMessage>(&message);
  if (data == nullptr) return 0;
  if (auto const* snapshot = std::get_if<shard::SnapshotDocuments>(&data->body)) {
    return snapshot->documents.changes.size_bytes();
  }
  if (auto const* changes = std::get_if<shard::Changes>(&data->body)) return changes->changes.changes.size_bytes();
  if (auto const* compare = std::get_if<shard::CompareChanges>(&data->body))
    return compare->changes.changes.size_bytes();
  return 0;
}

// ---- reading --------------------------------------------------------------------------------------------------------

using Decoded = Expected<shard::Message, std::string>;

shard::Position get(wire::Position const* from) {
  shard::Position position;
  if (from == nullptr) return position;
  position.shard = ShardName(text(from->shard()));
  position.server = ServerId(text(from->server()));
  position.instance = text(from->instance());
  position.from = Tick(from->from());
  position.last_scanned = Tick(from->last_scanned());
  position.stream = ChannelName(text(from->stream()));
  position.boot = from->boot();
  position.reign = from->reign();
  return position;
}

Blob get(flatbuffers::Vector<std::uint8_t> const* from) {
  if (from == nullptr || from->size() == 0) return {};
  return Blob(std::string(reinterpret_cast<char const*>(from->data()), from->size()));
}

shard::Payload get(wire::Payload const* from) {
  // Absent and empty bytes are one and the same payload: the empty blob.
  if (from == nullptr) return {};
  return {get(from->changes()), from->count()};
}

WallTime time(std::int64_t since_epoch) { return WallTime(Duration(since_epoch)); }

Decoded decode_structure(wire::Message const& message, std::size_t message_bytes) {
  wire::PublishedStructure const* const body = message.body_as_PublishedStructure();
  auto structure = codec::get(body->databases(), message_bytes);
  if (!structure) return unexpected(std::move(structure.error()));
  return shard::DataMessage{Epoch(message.epoch()), Sequence(message.sequence()),
                            shard::PublishedStructure{std::move(*structure), time(body->source_time())},
                            shard::AnswerId(message.answer())};
}

/// What the receiver of a comparison says.
shard::Message decode_comparison(wire::Message const& message) {
  if (auto const* const body = message.body_as_CopyWanted()) {
    return shard::ControlMessage(shard::CopyWanted{Epoch(body->epoch()), text(body->reason())});
  }
  auto const* const body = message.body_as_Difference();
  return shard::ControlMessage(
      shard::Difference{Epoch(body->epoch()), body->part(), get(body->ranges()), body->last()});
}

Decoded decode_body(wire::Message const& message, std::size_t message_bytes) {
  auto data = [&](shard::DataBody body) -> Decoded {
    return shard::DataMessage{Epoch(message.epoch()), Sequence(message.sequence()), std::move(body),
                              shard::AnswerId(message.answer())};
  };
  switch (message.body_type()) {
    case wire::Body::Hello:
      return data(shard::Hello{});
    case wire::Body::SnapshotBegin:
      return data(shard::SnapshotBegin{text(message.body_as_SnapshotBegin()->collection())});
    case wire::Body::SnapshotDocuments:
      return data(shard::SnapshotDocuments{get(message.body_as_SnapshotDocuments()->documents())});
    case wire::Body::SnapshotEnd: {
      auto const* const body = message.body_as_SnapshotEnd();
      return data(shard::SnapshotEnd{get(body->position()), body->documents()});
    }
    case wire::Body::Changes: {
      auto const* const body = message.body_as_Changes();
      return data(
          shard::Changes{get(body->changes()), get(body->position()), time(body->source_time()), body->log_end()});
    }
    case wire::Body::Heartbeat: {
      auto const* const body = message.body_as_Heartbeat();
      return data(shard::Heartbeat{get(body->position()), body->log_end(), time(body->source_time())});
    }
    case wire::Body::Trouble:
      return data(shard::Trouble{text(message.body_as_Trouble()->reason())});
    case wire::Body::PublishedStructure:
      return decode_structure(message, message_bytes);
    case wire::Body::Request: {
      auto const* const body = message.body_as_Request();
      shard::Request request{Epoch(body->epoch()), std::nullopt, body->doubt()};
      if (body->position() != nullptr) request.position = get(body->position());
      return shard::Message(shard::ControlMessage(std::move(request)));
    }
    case wire::Body::Acknowledge: {
      auto const* const body = message.body_as_Acknowledge();
      return shard::Message(shard::ControlMessage(shard::Acknowledge{Epoch(body->epoch()), Sequence(body->applied())}));
    }
    case wire::Body::CompareBegin: {
      auto const* const body = message.body_as_CompareBegin();
      return data(shard::CompareBegin{text(body->collection()), get(body->tree())});
    }
    case wire::Body::CompareChanges:
      return data(shard::CompareChanges{get(message.body_as_CompareChanges()->changes())});
    case wire::Body::PartDone: {
      auto const* const body = message.body_as_PartDone();
      shard::PartDone done{body->part(), std::nullopt};
      if (body->has_detail()) done.detail = get(body->detail());
      return data(std::move(done));
    }
    case wire::Body::CompareEnd:
      return data(shard::CompareEnd{get(message.body_as_CompareEnd()->position())});
    case wire::Body::Difference:
    case wire::Body::CopyWanted:
      return decode_comparison(message);
    case wire::Body::NONE:
      break;
  }
  return unexpected(std::string("the message has no body that this version knows"));
}

}  // namespace

std::string encode(shard::Message const& message) {
  Builder builder(payload_bytes(message) + 1024);
  Put put_body{builder};
  Epoch epoch;
  Sequence sequence;
  shard::AnswerId answer;
  if (auto const* data = std::get_if<shard::DataMessage>(&message)) {
    epoch = data->epoch;
    sequence = data->sequence;
    answer = data->answer;
    std::visit(put_body, data->body);
  } else {
    std::visit(put_body, std::get<shard::ControlMessage>(message));
  }
  auto const root =
      wire::CreateMessage(builder, epoch.value(), sequence.value(), put_body.type, put_body.body, answer.value());
  wire::FinishMessageBuffer(builder, root);
  return seal({reinterpret_cast<char const*>(builder.GetBufferPointer()), builder.GetSize()});
}

Expected<shard::Message, std::string> decode(std::string_view bytes) {
  auto body = open(bytes);
  if (!body) return unexpected(std::move(body.error()));
  if (body->size() < 8 || body->size() >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    return unexpected(std::string("size of the body is out of bounds"));
  }
  auto const* const data = reinterpret_cast<std::uint8_t const*>(body->data());
  auto const tables_max = static_cast<flatbuffers::uoffset_t>(body->size() / table_bytes_min + 2);
  flatbuffers::Verifier verifier(data, body->size(), depth_max, tables_max);
  if (!wire::VerifyMessageBuffer(verifier)) return unexpected(std::string("the body is malformed"));
  wire::Message const* const message = wire::GetMessage(data);
  if (message->body() == nullptr) return unexpected(std::string("the message has no body"));
  return decode_body(*message, body->size());
}

}  // namespace arangosync::codec
