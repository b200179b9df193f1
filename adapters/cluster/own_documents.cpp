// The documents of our own collections as text; the calls are in own_collections.cpp.
#include "adapters/cluster/json_value.h"
#include "adapters/cluster/own_collections.h"
#include "adapters/cluster/pulses.h"
#include "domain/base/blob.h"

#include <charconv>
#include <chrono>

namespace arangosync::cluster {
namespace json = boost::json;
namespace {

std::string hex(std::uint64_t number) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t at = text.size(); at-- > 0; number >>= 4) text[at] = digits[number & 15];
  return text;
}

/// Names are joined by a character that none of them can hold.
std::string digest(std::string const& joined) { return hex(fnv1a_64(joined)) + hex(fnv1a_64("again\n" + joined)); }

}  // namespace

std::string position_key(ShardRef const& shard) {
  return digest(shard.database.value() + "\n" + shard.collection.value() + "\n" + std::to_string(shard.index));
}

std::string position_document(ShardRef const& shard, shard::Position const& position, worker::Stamp const& stamp) {
  json::object document;
  document["_key"] = position_key(shard);
  document["database"] = shard.database.value();
  document["collection"] = shard.collection.value();
  document["shard"] = shard.index;
  document["sourceShard"] = position.shard.value();
  document["server"] = position.server.value();
  document["instance"] = position.instance;
  document["from"] = std::to_string(position.from.value());
  document["lastScanned"] = std::to_string(position.last_scanned.value());
  document["stream"] = position.stream.value();
  document["boot"] = position.boot;
  document["reign"] = position.reign;
  document["pulse"] = pulse_key(stamp.pulse);
  document["beat"] = stamp.beat;
  return json::serialize(document);
}

std::optional<KeptPosition> parse_position(ShardRef const& shard, std::string_view text) {
  auto const document = parse_json(text);
  if (!document) return std::nullopt;
  if (string_of(*document, "database") != shard.database.value()) return std::nullopt;
  if (string_of(*document, "collection") != shard.collection.value()) return std::nullopt;
  if (unsigned_of(*document, "shard") != shard.index) return std::nullopt;
  auto const from = unsigned_of(*document, "from");
  auto const last_scanned = unsigned_of(*document, "lastScanned");
  shard::Position position;
  position.stream = ChannelName(string_of(*document, "stream").value_or(""));
  position.shard = ShardName(string_of(*document, "sourceShard").value_or(""));
  position.server = ServerId(string_of(*document, "server").value_or(""));
  position.instance = string_of(*document, "instance").value_or("");
  if (!from || !last_scanned || position.shard.value().empty() || position.server.value().empty()) return std::nullopt;
  position.from = Tick(*from);
  position.last_scanned = Tick(*last_scanned);
  position.boot = unsigned_of(*document, "boot").value_or(0);
  position.reign = unsigned_of(*document, "reign").value_or(0);
  KeptPosition kept{std::move(position), std::nullopt};
  auto const pulse = parse_pulse_key(string_of(*document, "pulse").value_or(""));
  if (pulse) kept.stamp = worker::Stamp{*pulse, unsigned_of(*document, "beat").value_or(0)};
  return kept;
}

std::string pulse_key(worker::PulseId const& pulse) { return hex(pulse.value()); }

std::optional<worker::PulseId> parse_pulse_key(std::string_view key) {
  std::uint64_t number = 0;
  auto const [end, failed] = std::from_chars(key.data(), key.data() + key.size(), number, 16);
  if (key.empty() || failed != std::errc{} || end != key.data() + key.size()) return std::nullopt;
  return worker::PulseId(number);
}

std::string pulse_document(worker::Stamp const& stamp, WallTime at, std::string const& revision) {
  json::object document;
  document["_key"] = pulse_key(stamp.pulse);
  if (!revision.empty()) document["_rev"] = revision;
  document["beat"] = stamp.beat;
  document["at"] = std::chrono::duration_cast<std::chrono::milliseconds>(at.since_epoch()).count();
  return json::serialize(document);
}

std::optional<KeptPulse> parse_pulse(std::string_view text) {
  auto const document = parse_json(text);
  if (!document) return std::nullopt;
  auto const pulse = parse_pulse_key(string_of(*document, "_key").value_or(""));
  auto const beat = unsigned_of(*document, "beat");
  auto const at = integer_of(*document, "at");
  if (!pulse || !beat || !at) return std::nullopt;
  return KeptPulse{worker::Stamp{*pulse, *beat}, WallTime(std::chrono::milliseconds(*at)),
                   string_of(*document, "_rev").value_or("")};
}

std::vector<std::string> keys_of_old(std::vector<KeptPulse> const& pulses, Duration kept) {
  auto const beaten_at = [](KeptPulse const& pulse) -> std::optional<Duration> {
    auto const revision = revision::from_text(pulse.revision);
    if (!revision) return std::nullopt;
    return std::chrono::milliseconds(revision::milliseconds_of(*revision));
  };
  std::optional<Duration> youngest;
  for (KeptPulse const& pulse : pulses) youngest = std::max(youngest, beaten_at(pulse));
  std::vector<std::string> keys;
  for (KeptPulse const& pulse : pulses) {
    auto const at = beaten_at(pulse);
    if (at && *youngest - *at > kept) keys.push_back(pulse_key(pulse.stamp.pulse));
  }
  return keys;
}

std::string origin_key(DatabaseName const& database, CollectionName const& collection) {
  return digest(database.value() + "\n" + collection.value());
}

std::string origin_document(inventory::RecordOrigin const& origin) {
  json::object document;
  document["_key"] = origin_key(origin.database, origin.collection);
  document["database"] = origin.database.value();
  document["collection"] = origin.collection.value();
  document["sourceId"] = origin.source_id;
  return json::serialize(document);
}

std::optional<inventory::RecordOrigin> parse_origin(std::string_view text) {
  auto const document = parse_json(text);
  if (!document) return std::nullopt;
  auto database = string_of(*document, "database");
  auto collection = string_of(*document, "collection");
  auto source_id = string_of(*document, "sourceId");
  if (!database || !collection || !source_id) return std::nullopt;
  return inventory::RecordOrigin{DatabaseName(*database), CollectionName(*collection), *source_id};
}

}  // namespace arangosync::cluster
