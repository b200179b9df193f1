#include "adapters/codec/changes.h"

#include "adapters/codec/changes_generated.h"
#include "domain/base/check.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

namespace arangosync::codec {

namespace {

// A batch may hold one change per few bytes of input, no more: bounds the verifier's work on hostile bytes.
constexpr std::size_t table_bytes_min = 4;
constexpr flatbuffers::uoffset_t depth_max = 8;

std::string_view text(flatbuffers::String const* value) {
  return value == nullptr ? std::string_view() : std::string_view(value->data(), value->size());
}

wire::Kind to_wire(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::Upsert:
      return wire::Kind::Upsert;
    case ChangeKind::Remove:
      return wire::Kind::Remove;
    case ChangeKind::Truncate:
      return wire::Kind::Truncate;
    case ChangeKind::RemoveRevision:
      return wire::Kind::RemoveRevision;
  }
  check_failed("known ChangeKind", __FILE__, __LINE__);
}

ChangeKind from_wire(wire::Kind kind) {
  switch (kind) {
    case wire::Kind::Upsert:
      return ChangeKind::Upsert;
    case wire::Kind::Remove:
      return ChangeKind::Remove;
    case wire::Kind::Truncate:
      return ChangeKind::Truncate;
    case wire::Kind::RemoveRevision:
      return ChangeKind::RemoveRevision;
  }
  check_failed("known wire::Kind", __FILE__, __LINE__);
}

bool has_key(ChangeKind kind) { return kind == ChangeKind::Upsert || kind == ChangeKind::Remove; }

/// Empty if the batch may be read.
std::string complaint(wire::Batch const& batch, std::size_t batch_bytes) {
  if (batch.changes() == nullptr) return {};
  std::size_t text_bytes = 0;
  for (wire::Change const* change : *batch.changes()) {
    if (change->kind() > wire::Kind::MAX) return "a change is of an unknown kind";
    ChangeKind const kind = from_wire(change->kind());
    if (has_key(kind) == text(change->key()).empty()) return "a change has no key, or one that it may not have";
    if (kind == ChangeKind::RemoveRevision && text(change->revision()).empty()) return "a removal has no revision";
    text_bytes += text(change->key()).size() + text(change->revision()).size() + text(change->document()).size();
    // Our writer stores each text once; pointing to one long text from everywhere would fill the target's memory.
    if (text_bytes > batch_bytes) return "texts overlap";
  }
  return {};
}

}  // namespace

struct ChangesBuilder::Impl {
  flatbuffers::FlatBufferBuilder builder{64 * 1024};
  std::vector<flatbuffers::Offset<wire::Change>> changes;
};

ChangesBuilder::ChangesBuilder() : impl_(std::make_unique<Impl>()) {}
ChangesBuilder::~ChangesBuilder() = default;
ChangesBuilder::ChangesBuilder(ChangesBuilder&&) noexcept = default;
ChangesBuilder& ChangesBuilder::operator=(ChangesBuilder&&) noexcept = default;

void ChangesBuilder::add(Change const& change) {
  DC_ASSERT(has_key(change.kind) == !change.key.empty());
  auto& builder = impl_->builder;
  auto put = [&](std::string_view bytes) {
    return bytes.empty() ? flatbuffers::Offset<flatbuffers::String>()
                         : builder.CreateString(bytes.data(), bytes.size());
  };
  auto const key = put(change.key);
  auto const revision = put(change.revision);
  auto const document = put(change.document);
  impl_->changes.push_back(wire::CreateChange(builder, to_wire(change.kind), key, revision, document));
}

std::uint32_t ChangesBuilder::count() const { return static_cast<std::uint32_t>(impl_->changes.size()); }

std::size_t ChangesBuilder::size_bytes() const {
  return impl_->builder.GetSize() + impl_->changes.size() * sizeof(flatbuffers::uoffset_t) + 32;
}

shard::Payload ChangesBuilder::finish() {
  shard::Payload payload;
  payload.count = count();
  auto& builder = impl_->builder;
  auto const changes = builder.CreateVector(impl_->changes);
  wire::FinishBatchBuffer(builder, wire::CreateBatch(builder, changes));
  payload.changes = Blob(std::string(reinterpret_cast<char const*>(builder.GetBufferPointer()), builder.GetSize()));
  builder.Clear();
  impl_->changes.clear();
  return payload;
}

Expected<ChangesReader, std::string> ChangesReader::open(std::vector<shard::Payload> const& payloads) {
  ChangesReader reader;
  for (auto const& payload : payloads) {
    if (auto wrong = reader.append(payload); !wrong.empty()) return unexpected(std::move(wrong));
  }
  return reader;
}

std::string ChangesReader::append(shard::Payload const& payload) {
  if (!payload.changes.has_content()) return "the content of the batch is not here";
  std::string_view const bytes = payload.changes.bytes();
  if (bytes.empty()) return payload.count == 0 ? "" : "the batch is empty, but changes are announced";
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) return "the batch is over 2 GiB";
  auto const* const data = reinterpret_cast<std::uint8_t const*>(bytes.data());
  auto const tables_max = static_cast<flatbuffers::uoffset_t>(bytes.size() / table_bytes_min + 2);
  flatbuffers::Verifier verifier(data, bytes.size(), depth_max, tables_max);
  if (bytes.size() < 8 || !wire::VerifyBatchBuffer(verifier)) return "the batch is malformed";
  wire::Batch const* const batch = wire::GetBatch(data);
  if (auto wrong = complaint(*batch, bytes.size()); !wrong.empty()) return wrong;
  std::uint32_t const count = batch->changes() == nullptr ? 0 : batch->changes()->size();
  if (count != payload.count) {
    return "the batch has " + std::to_string(count) + " changes, announced were " + std::to_string(payload.count);
  }
  if (count == 0) return "";
  batches_.push_back(Batch{payload, batch, size_});
  size_ += count;
  return "";
}

Change ChangesReader::operator[](std::uint32_t index) const {
  DC_ASSERT(index < size_);
  auto const after = std::upper_bound(batches_.begin(), batches_.end(), index,
                                      [](std::uint32_t wanted, Batch const& batch) { return wanted < batch.begin; });
  Batch const& batch = *std::prev(after);
  wire::Change const* const found = static_cast<wire::Batch const*>(batch.root)->changes()->Get(index - batch.begin);
  return {from_wire(found->kind()), text(found->key()), text(found->revision()), text(found->document())};
}

}  // namespace arangosync::codec
