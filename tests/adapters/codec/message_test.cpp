// decode(encode(m)) == m for every message; any broken byte is noticed; hostile sizes cost nothing.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "adapters/codec/envelope.h"
#include "adapters/codec/message.h"
#include "domain/base/entropy.h"

#include <string>

namespace arangosync::codec {
namespace {

using rc::gen::arbitrary;

std::string any_text() { return *arbitrary<std::string>(); }
std::uint64_t any_number() { return *arbitrary<std::uint64_t>(); }
WallTime any_time() { return WallTime(Duration(*arbitrary<std::int64_t>())); }

shard::Position any_position() {
  shard::Position position;
  position.shard = ShardName(any_text());
  position.server = ServerId(any_text());
  position.instance = any_text();
  position.from = Tick(any_number());
  position.last_scanned = Tick(any_number());
  position.stream = ChannelName(any_text());
  position.boot = any_number();
  position.reign = any_number();
  return position;
}
shard::Payload any_payload() {
  std::string bytes = any_text();
  if (bytes.empty()) return {{}, *arbitrary<std::uint32_t>()};
  for (int doubled = *rc::gen::inRange(0, 8); doubled > 0; --doubled) bytes += bytes;
  return {Blob(std::move(bytes)), *arbitrary<std::uint32_t>()};
}

inventory::Collection any_collection() {
  inventory::Collection collection{any_text(),
                                   CollectionName(any_text()),
                                   *arbitrary<int>(),
                                   *arbitrary<bool>(),
                                   *arbitrary<bool>(),
                                   any_text(),
                                   any_text(),
                                   any_text(),
                                   {},
                                   {}};
  for (int left = *rc::gen::inRange(0, 4); left > 0; --left) {
    collection.shards.push_back({ShardName(any_text()), {ServerId(any_text()), ServerId(any_text())}});
    collection.indexes.push_back({any_text(), any_text(), any_text(), any_text()});
  }
  return collection;
}

inventory::View any_view() {
  inventory::View view{any_text(), any_text(), any_text(), {}, {}};
  for (int left = *rc::gen::inRange(0, 3); left > 0; --left) {
    view.links[CollectionName(any_text())] = any_text();
    view.indexes.insert({CollectionName(any_text()), any_text()});
  }
  return view;
}

inventory::Structure any_structure() {
  inventory::Structure structure;
  for (int left = *rc::gen::inRange(0, 3); left > 0; --left) {
    inventory::Database database{DatabaseName(any_text()), any_text(), any_text(), any_text(), {}, {}, {}};
    if (*arbitrary<bool>()) {
      auto& views = database.views.emplace();
      for (int more = *rc::gen::inRange(0, 3); more > 0; --more) views[inventory::ViewName(any_text())] = any_view();
    }
    if (*arbitrary<bool>()) {
      auto& analyzers = database.analyzers.emplace();
      for (int more = *rc::gen::inRange(0, 3); more > 0; --more) {
        analyzers[inventory::AnalyzerName(any_text())] = {any_text(), any_text()};
      }
    }
    for (int more = *rc::gen::inRange(0, 3); more > 0; --more) {
      auto collection = any_collection();
      database.collections[collection.name] = collection;
    }
    structure.databases[database.name] = database;
  }
  return structure;
}

shard::Message any_message() {
  auto const data = [](shard::DataBody body) {
    return shard::DataMessage{Epoch(any_number()), Sequence(any_number()), std::move(body),
                              shard::AnswerId(any_number())};
  };
  switch (*rc::gen::inRange(0, 17)) {
    case 0:
      return data(shard::Hello{});
    case 1:
      return data(shard::SnapshotBegin{any_text()});
    case 2:
      return data(shard::SnapshotDocuments{any_payload()});
    case 3:
      return data(shard::SnapshotEnd{any_position(), any_number()});
    case 4:
      return data(shard::Changes{any_payload(), any_position(), any_time(), *rc::gen::arbitrary<bool>()});
    case 5:
      return data(shard::Heartbeat{any_position(), *arbitrary<bool>(), any_time()});
    case 6:
      return data(shard::Trouble{any_text()});
    case 7:
      return data(shard::PublishedStructure{any_structure(), any_time()});
    case 8:
      return shard::ControlMessage(shard::Request{Epoch(any_number()), any_position(), *arbitrary<bool>()});
    case 9:
      return shard::ControlMessage(shard::Request{Epoch(any_number()), std::nullopt, *arbitrary<bool>()});
    case 10:
      return data(shard::CompareBegin{any_text(), Blob(any_text())});
    case 11:
      return data(shard::CompareChanges{any_payload()});
    case 12:
      return data(shard::PartDone{*arbitrary<std::uint32_t>(), std::nullopt});
    case 13:
      return data(shard::PartDone{*arbitrary<std::uint32_t>(), Blob(any_text())});
    case 14:
      return data(shard::CompareEnd{any_position()});
    case 15:
      return shard::ControlMessage(
          shard::Difference{Epoch(any_number()), *arbitrary<std::uint32_t>(), Blob(any_text()), *arbitrary<bool>()});
    case 16:
      return shard::ControlMessage(shard::CopyWanted{Epoch(any_number()), any_text()});
    default:
      return shard::ControlMessage(shard::Acknowledge{Epoch(any_number()), Sequence(any_number())});
  }
}

RC_GTEST_PROP(Message, ComesOutAsItWentIn, ()) {
  auto const message = any_message();
  auto const decoded = decode(encode(message));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == message);
}

RC_GTEST_PROP(Message, WithOneBrokenByteIsNoticed, ()) {
  std::string bytes = encode(any_message());
  std::size_t const at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  bytes[at] = static_cast<char>(bytes[at] ^ *rc::gen::inRange(1, 256));
  RC_ASSERT(!decode(bytes).has_value());
}

RC_GTEST_PROP(Message, CutOffAnywhereIsNoticed, ()) {
  std::string bytes = encode(any_message());
  bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size()));
  RC_ASSERT(!decode(bytes).has_value());
}

// A checksum does not stop an enemy: behind a valid envelope the body may be anything.
RC_GTEST_PROP(Message, WithAForgedBodyIsRefusedOrReadWithinBounds, ()) {
  auto body = open(encode(any_message()));
  RC_ASSERT(body.has_value());
  for (int flip = *rc::gen::inRange(1, 6); flip > 0; --flip) {
    (*body)[*rc::gen::inRange<std::size_t>(0, body->size())] = *arbitrary<char>();
  }
  auto const decoded = decode(seal(*body));
  RC_ASSERT(decoded.has_value() || !decoded.error().empty());
}

TEST(Message, IsCompressedOnlyWhenThatPays) {
  shard::SnapshotDocuments const easy{{Blob(std::string(100'000, 'a')), 1}};
  EXPECT_LT(encode(shard::DataMessage{Epoch(1), Sequence(1), easy}).size(), 5'000u);
  std::string noise;
  Draw draw(Entropy{7});
  while (noise.size() < 100'000) noise.push_back(static_cast<char>(draw.next()));
  shard::SnapshotDocuments const hard{{Blob(noise), 1}};
  EXPECT_LT(encode(shard::DataMessage{Epoch(1), Sequence(1), hard}).size(), 100'500u);
}

TEST(Message, OfExtremeCompressibilityIsStillRead) {
  shard::DataMessage const message{Epoch(1), Sequence(1),
                                   shard::SnapshotDocuments{{Blob(std::string(64u << 20, 'a')), 1}}};
  auto const decoded = decode(encode(message));
  ASSERT_TRUE(decoded.has_value()) << decoded.error();
  EXPECT_EQ(*decoded, shard::Message(message));
}

TEST(Message, OfANewerSchemaSaysSo) {
  std::string bytes = encode(shard::DataMessage{Epoch(1), Sequence(1), shard::Hello{}});
  bytes[4] = 3;
  auto const decoded = decode(bytes);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error(), "schema version 3 is newer than 1");
}

TEST(Message, WithABrokenBodySaysThatTheChecksumDiffers) {
  std::string bytes = encode(shard::DataMessage{Epoch(1), Sequence(1), shard::Trouble{"disk full"}});
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  auto const decoded = decode(bytes);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error(), "checksum differs");
}

// Rewrites the size field and makes the checksum right again.
std::string with_forged_size(std::string message, std::uint64_t size) {
  for (std::size_t byte = 0; byte < 8; ++byte) message[16 + byte] = static_cast<char>(size >> (8 * byte));
  std::uint64_t sum = fnv1a_64(std::string_view(message).substr(16));
  for (std::size_t byte = 0; byte < 8; ++byte) {
    message[8 + byte] =
        static_cast<char>(static_cast<std::uint8_t>(sum >> (8 * byte)) ^ static_cast<std::uint8_t>(message[byte]));
  }
  return message;
}

TEST(Message, ThatClaimsToGrowOutOfBoundsIsRefusedBeforeMemoryIsTaken) {
  shard::SnapshotDocuments const easy{{Blob(std::string(100'000, 'a') + "b"), 1}};
  std::string const bytes = encode(shard::DataMessage{Epoch(1), Sequence(1), easy});
  ASSERT_EQ(bytes[5], 1) << "the test needs a compressed message";
  auto const too_big = decode(with_forged_size(bytes, std::uint64_t{1} << 60));
  ASSERT_FALSE(too_big.has_value());
  EXPECT_EQ(too_big.error(), "the decompressed body would be over its limit");
  auto const too_dense = decode(with_forged_size(bytes, std::uint64_t{500} << 20));
  ASSERT_FALSE(too_dense.has_value());
  EXPECT_EQ(too_dense.error(), "the compression ratio is out of bounds");
  auto const longer = decode(with_forged_size(bytes, 120'000));
  ASSERT_FALSE(longer.has_value());
  EXPECT_EQ(longer.error(), "the body cannot be decompressed");
}

TEST(Message, MayLieAnywhereInMemory) {
  shard::DataMessage const message{Epoch(5), Sequence(9),
                                   shard::Heartbeat{{ShardName("s1"), {}, "7", Tick(1), Tick(2)}, true, {}}};
  std::string const bytes = "x" + encode(message);
  auto const decoded = decode(std::string_view(bytes).substr(1));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, shard::Message(message));
}

}  // namespace
}  // namespace arangosync::codec
