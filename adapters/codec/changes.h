// The payload of shard messages: a batch of changes of one shard in log order, as one flatbuffer (changes.fbs).
//
// Built once at the source, from slices of the dump's or the log's lines (document bytes are copied once, never parsed
// further or re-serialised); read at the target where the batch is applied. Untrusted input: always verified first.
#pragma once

#include "domain/base/result.h"
#include "domain/shard/message.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::codec {

/// RemoveRevision: the document that has exactly this revision, whatever its key; nothing if there is none (any more).
enum class ChangeKind { Upsert, Remove, Truncate, RemoveRevision };

struct Change {
  ChangeKind kind = ChangeKind::Upsert;
  std::string_view key;       ///< empty for Truncate and RemoveRevision
  std::string_view revision;  ///< `_rev`; may be empty
  std::string_view document;  ///< Upsert: the JSON object as the source printed it, with _id, _key, _rev
};

class ChangesBuilder {
public:
  ChangesBuilder();
  ~ChangesBuilder();
  ChangesBuilder(ChangesBuilder&&) noexcept;
  ChangesBuilder& operator=(ChangesBuilder&&) noexcept;

  void add(Change const& change);
  std::uint32_t count() const;
  std::size_t size_bytes() const;  ///< about what finish() will weigh
  /// Leaves the builder empty and reusable.
  shard::Payload finish();

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Verified batches, one after the other; views stay valid as long as the payloads' blobs live (this object keeps them
/// alive).
class ChangesReader {
public:
  /// Error: one line, what is wrong with the bytes.
  static Expected<ChangesReader, std::string> open(std::vector<shard::Payload> const& payloads);
  static Expected<ChangesReader, std::string> open(shard::Payload const& payload) {
    return open(std::vector<shard::Payload>{payload});
  }

  std::uint32_t size() const { return size_; }
  Change operator[](std::uint32_t index) const;

private:
  struct Batch {
    shard::Payload payload;
    void const* root = nullptr;
    std::uint32_t begin = 0;  ///< index of its first change
  };
  /// Empty, or what is wrong.
  std::string append(shard::Payload const& payload);

  std::vector<Batch> batches_;  ///< without empty ones
  std::uint32_t size_ = 0;
};

}  // namespace arangosync::codec
