// bench: what the hot paths cost, as multiples of something plain done with the same bytes or names. For `./dev bench`.
//
// Prints one table and exits with 0: the figures are for people, who compare them with those in docs/campaigns.md.
#include "adapters/cluster/log_answer.h"
#include "adapters/codec/changes.h"
#include "adapters/codec/message.h"
#include "domain/base/entropy.h"
#include "domain/batch/batch.h"
#include "domain/revision/tree.h"
#include "domain/task/placement.h"
#include "tests/bench/measure.h"

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::bench {
namespace {

constexpr std::uint32_t documents = 2000;
constexpr std::uint32_t keys = 500;
constexpr std::uint32_t revisions = 20'000;
constexpr std::uint32_t tasks = 10'000;

struct Document {
  std::string key;
  std::string revision;
  std::string text;
};

/// Some 250 bytes each, as people have them: names repeat, numbers differ.
std::vector<Document> sample_documents() {
  Draw draw(Entropy{1});
  std::vector<Document> sample;
  for (std::uint32_t i = 0; i < documents; ++i) {
    Document made;
    made.key = "customer-" + std::to_string(draw.below(keys));
    made.revision = "_g" + draw.alphanumeric(9);
    made.text = "{\"_id\":\"orders/" + made.key + "\",\"_key\":\"" + made.key + "\",\"_rev\":\"" + made.revision +
                "\",\"status\":\"" + (draw.below(2) == 0 ? "pending" : "delivered") +
                "\",\"amount\":" + std::to_string(draw.below(100'000)) + ",\"note\":\"" + draw.alphanumeric(24) +
                "\",\"address\":{\"street\":\"Long Street " + std::to_string(draw.below(300)) +
                "\",\"city\":\"Springfield\",\"country\":\"Nowhere\"}}";
    sample.push_back(std::move(made));
  }
  return sample;
}

Work copy_of(std::string const& bytes) {
  return [&bytes, target = std::string(bytes.size(), '\0')]() mutable {
    std::memcpy(target.data(), bytes.data(), bytes.size());
    return static_cast<std::uint64_t>(target[bytes.size() / 2]);
  };
}

shard::Payload payload_of(std::vector<Document> const& sample) {
  codec::ChangesBuilder builder;
  for (Document const& document : sample) {
    builder.add({codec::ChangeKind::Upsert, document.key, document.revision, document.text});
  }
  return builder.finish();
}

// ---- the source's log ---------------------------------------------------------------------------------------------

Figure slicing(std::vector<Document> const& sample) {
  std::string body;
  std::uint64_t tick = 4700;
  for (Document const& document : sample) {
    body += "{\"tick\":\"" + std::to_string(++tick) +
            R"(","type":2300,"db":"_system","tid":"0","cuid":"c10010/s10021","data":)" + document.text + "}\n";
  }
  auto const filter = cluster::make_filter({{DatabaseName("_system"), ShardName("s10021"), Tick(0)}});
  auto const slice = [&] {
    auto const lines = cluster::read_log_lines(body, filter, false);
    return lines ? static_cast<std::uint64_t>(lines->slices.front().changes.count) : 0;
  };
  return compare("slice the lines of a log into shards", slice, "memcpy", copy_of(body), body.size(), "byte");
}

// ---- batches and messages -----------------------------------------------------------------------------------------

Figure compacting(std::vector<Document> const& sample) {
  std::vector<batch::Change> changes;
  std::string bytes;
  for (Document const& document : sample) {
    changes.push_back({batch::Kind::Upsert, document.key});
    bytes += document.text;
  }
  auto const compact = [&] { return static_cast<std::uint64_t>(batch::last_change_per_key(changes).upserts.size()); };
  return compare("keep the last change per key", compact, "memcpy of the documents", copy_of(bytes), documents,
                 "change");
}

Figure building(std::vector<Document> const& sample, std::string const& bytes) {
  auto const build = [&] { return static_cast<std::uint64_t>(payload_of(sample).changes.size_bytes()); };
  return compare("build a batch of changes", build, "memcpy", copy_of(bytes), bytes.size(), "byte");
}

shard::Message message_of(shard::Payload payload) {
  shard::Changes changes;
  changes.changes = std::move(payload);
  return shard::DataMessage{Epoch(1), Sequence(1), std::move(changes)};
}

std::string noise(std::size_t size) {
  Draw draw(Entropy{2});
  std::string bytes;
  while (bytes.size() < size) bytes += static_cast<char>(draw.next() & 0xff);
  return bytes;
}

void coding(std::vector<Figure>& figures, std::string const& bytes, std::string const& kind) {
  shard::Message const message = message_of(shard::Payload{Blob(bytes), documents});
  std::string const wire = codec::encode(message);
  figures.push_back(compare(
      "encode a message, " + kind, [&] { return codec::encode(message).size(); }, "memcpy", copy_of(bytes),
      bytes.size(), "byte"));
  figures.push_back(compare(
      "decode a message, " + kind, [&] { return codec::decode(wire) ? std::uint64_t{1} : 0; }, "memcpy", copy_of(bytes),
      bytes.size(), "byte"));
  std::printf("%s: %zu bytes become %zu\n", kind.c_str(), bytes.size(), wire.size());
}

// ---- comparing and placing ----------------------------------------------------------------------------------------

Figure growing_trees() {
  Draw draw(Entropy{3});
  std::vector<revision::RevisionId> ids;
  for (std::uint32_t i = 0; i < revisions; ++i) {
    ids.emplace_back(revision::tree_initial_min.value() + draw.below(std::uint64_t{1} << 44));
  }
  auto const insert = [&] {
    revision::Tree tree;
    for (auto const id : ids) static_cast<void>(tree.insert(id));
    return tree.total().hash;
  };
  auto const hash = [&] {
    std::uint64_t all = 0;
    for (auto const id : ids) all ^= revision::hash_of(id);
    return all;
  };
  return compare("insert revisions into a new tree", insert, "hash them", hash, revisions, "revision");
}

task::State placed_tasks() {
  task::State state;
  for (int i = 0; i < 8; ++i) task::worker_joined(state, WorkerId("worker-" + std::to_string(i)), {});
  task::Landscape landscape;
  for (std::uint32_t i = 0; i < tasks; ++i) {
    landscape.leaders[ShardRef{DatabaseName("shop"), CollectionName("orders"), i}] =
        ServerId("PRMR-" + std::to_string(i % 12));
  }
  task::apply(state, task::LandscapeSeen{landscape});
  for (std::uint32_t i = 0; i < tasks; ++i) {
    task::Task made;
    made.id = TaskId("task-" + std::to_string(100'000 + i));
    made.spec.kind = i % 2 == 0 ? task::Kind::SendShard : task::Kind::ReceiveShard;
    if (i % 2 == 0) made.spec.target = ClusterId("target");
    made.spec.shard = ShardRef{DatabaseName("shop"), CollectionName("orders"), i};
    auto const place = task::place_for(state, made.spec);
    if (place->home_of) task::apply(state, task::CohortHomed{*place->home_of, place->worker});
    made.assignment = task::Assignment{place->worker, WallTime{}, 1};
    task::apply(state, task::TaskCreated{made});
    task::apply(state, task::TaskDelivered{made.id});
  }
  return state;
}

void placing(std::vector<Figure>& figures) {
  task::State const state = placed_tasks();
  task::State wider = state;
  task::worker_joined(wider, WorkerId("worker-new"), {});
  auto const copy = [&] { return static_cast<std::uint64_t>(std::map(state.tasks).size()); };
  std::string const than = "copy their map";
  figures.push_back(compare(
      "place 10 000 tasks on 8 workers", [] { return static_cast<std::uint64_t>(placed_tasks().tasks.size()); }, than,
      copy, tasks, "task"));
  figures.push_back(compare(
      "find what moves to a new worker", [&] { return rearranged(wider, tasks).steps; }, than, copy, tasks, "task"));
}

std::vector<Figure> measure_all() {
  auto const sample = sample_documents();
  shard::Payload const payload = payload_of(sample);
  std::string const bytes(payload.changes.bytes());
  std::vector<Figure> figures;
  figures.push_back(slicing(sample));
  figures.push_back(building(sample, bytes));
  figures.push_back(compacting(sample));
  coding(figures, bytes, "documents (compressed)");
  coding(figures, noise(bytes.size()), "noise (not compressed)");
  figures.push_back(growing_trees());
  placing(figures);
  return figures;
}

void print(std::vector<Figure> const& figures) {
  std::printf("\n%-42s %-24s %9s %19s %12s %16s\n", "what", "as a multiple of", "ratio", "least … most", "reference",
              "itself here");
  for (Figure const& figure : figures) {
    std::printf("%-42s %-24s %9.2f %8.2f … %8.2f %7.3f ns/%s %9.1f ns/%s\n", figure.what.c_str(), figure.than.c_str(),
                figure.ratio, figure.ratio_least, figure.ratio_most, figure.reference_ns, figure.unit.c_str(),
                figure.ratio * figure.reference_ns, figure.unit.c_str());
  }
}

}  // namespace
}  // namespace arangosync::bench

int main() {
  arangosync::bench::print(arangosync::bench::measure_all());
  return 0;
}
