// A batch comes out as it went in, and bytes that are no batch are refused with a reason, never with a crash.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "adapters/codec/changes.h"

#include <string>
#include <vector>

namespace arangosync::codec {
namespace {

struct Owned {
  ChangeKind kind = ChangeKind::Upsert;
  std::string key;
  std::string revision;
  std::string document;
};

shard::Payload batch_of(std::vector<Owned> const& changes) {
  ChangesBuilder builder;
  for (auto const& change : changes) builder.add({change.kind, change.key, change.revision, change.document});
  return builder.finish();
}

std::vector<Owned> any_changes() {
  auto const kinds = rc::gen::element(ChangeKind::Upsert, ChangeKind::Remove, ChangeKind::Truncate);
  auto const count = *rc::gen::inRange<std::size_t>(0, 40);
  std::vector<Owned> changes;
  for (std::size_t index = 0; index < count; ++index) {
    Owned change{*kinds, {}, *rc::gen::arbitrary<std::string>(), {}};
    if (change.kind != ChangeKind::Truncate) change.key = *rc::gen::nonEmpty<std::string>();
    if (change.kind == ChangeKind::Upsert) change.document = *rc::gen::arbitrary<std::string>();
    changes.push_back(std::move(change));
  }
  return changes;
}

RC_GTEST_PROP(Changes, ComeOutAsTheyWentIn, ()) {
  auto const changes = any_changes();
  auto const reader = ChangesReader::open(batch_of(changes));
  RC_ASSERT(reader.has_value());
  RC_ASSERT(reader->size() == changes.size());
  for (std::uint32_t index = 0; index < reader->size(); ++index) {
    Change const change = (*reader)[index];
    RC_ASSERT(change.kind == changes[index].kind);
    RC_ASSERT(change.key == changes[index].key);
    RC_ASSERT(change.revision == changes[index].revision);
    RC_ASSERT(change.document == changes[index].document);
  }
}

RC_GTEST_PROP(Changes, OfCorruptBytesAreRefusedOrReadWithinBounds, ()) {
  auto const payload = batch_of(any_changes());
  std::string bytes(payload.changes.bytes());
  auto const flips = *rc::gen::inRange(1, 5);
  for (int flip = 0; flip < flips; ++flip) {
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
  }
  bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size() + 1));
  std::size_t const total = bytes.size();
  auto const reader = ChangesReader::open({Blob(std::move(bytes)), payload.count});
  if (!reader) {
    RC_ASSERT(!reader.error().empty());
    return;
  }
  std::size_t read = 0;
  for (std::uint32_t index = 0; index < reader->size(); ++index) {
    read += (*reader)[index].key.size() + (*reader)[index].revision.size() + (*reader)[index].document.size();
  }
  RC_ASSERT(read <= total);
}

TEST(Changes, KeepTheDocumentsBytesUntouched) {
  std::string const document = "{\"_key\":\"a\", \"x\" : 1e400,\"\\u0000\":\"\xff\"}";
  auto const reader = ChangesReader::open(batch_of({{ChangeKind::Upsert, "a", "_r", document}}));
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ((*reader)[0].document, document);
}

TEST(Changes, BuilderIsEmptyAndReusableAfterFinish) {
  ChangesBuilder builder;
  builder.add({ChangeKind::Remove, "a", "1", {}});
  EXPECT_EQ(builder.count(), 1u);
  EXPECT_EQ(builder.finish().count, 1u);
  EXPECT_EQ(builder.count(), 0u);
  builder.add({ChangeKind::Remove, "b", "2", {}});
  builder.add({ChangeKind::Truncate, {}, {}, {}});
  auto const reader = ChangesReader::open(builder.finish());
  ASSERT_TRUE(reader.has_value());
  ASSERT_EQ(reader->size(), 2u);
  EXPECT_EQ((*reader)[0].key, "b");
}

TEST(Changes, SizeIsAboutWhatTheBatchWeighs) {
  ChangesBuilder builder;
  std::string const document(1000, 'x');
  for (int index = 0; index < 1000; ++index)
    builder.add({ChangeKind::Upsert, "key" + std::to_string(index), "rev", document});
  std::size_t const promised = builder.size_bytes();
  std::size_t const weighs = builder.finish().changes.size_bytes();
  EXPECT_GE(promised * 101 / 100, weighs);
  EXPECT_LE(promised * 99 / 100, weighs);
}

TEST(Changes, AreRefusedIfTheirNumberIsNotTheAnnouncedOne) {
  auto payload = batch_of({{ChangeKind::Remove, "a", "1", {}}});
  payload.count = 2;
  EXPECT_FALSE(ChangesReader::open(payload).has_value());
}

TEST(Changes, AreRefusedIfOnlyTheirDescriptionIsKnown) {
  EXPECT_FALSE(ChangesReader::open({Blob::described(100, 1), 1}).has_value());
}

TEST(Changes, StayReadableWhenTheReaderOutlivesThePayload) {
  auto reader = ChangesReader::open(batch_of({{ChangeKind::Upsert, "a", "1", std::string(5000, 'd')}}));
  ASSERT_TRUE(reader.has_value());
  ChangesReader const moved = std::move(*reader);
  EXPECT_EQ(moved[0].document, std::string(5000, 'd'));
}

}  // namespace
}  // namespace arangosync::codec
