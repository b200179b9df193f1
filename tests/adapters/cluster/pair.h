// Two sandboxes with the real adapters over sockets, between which a shard is compared as the machines do it.
#pragma once

#include "adapters/codec/comparison.h"
#include "tests/adapters/cluster/stage.h"

#include <deque>

namespace arangosync::cluster {
using revision::RevisionId;

inline sandbox::Options of_version(std::string version, std::size_t revisions_per_answer = 0) {
  sandbox::Options options;
  options.version = std::move(version);
  options.revisions_per_answer = revisions_per_answer;
  return options;
}

struct Sums {
  int chunks = 0;
  int parts = 0;
  int trees = 0;
  std::uint32_t upserted = 0;
  std::uint32_t removed = 0;
};

struct Pair {
  explicit Pair(std::string const& version = "3.9.12", std::size_t revisions_per_answer = 0)
      : Pair(of_version(version, revisions_per_answer), of_version(version, revisions_per_answer)) {}
  /// `of_source`, `of_target`: more properties of the collections.
  Pair(sandbox::Options source_options, sandbox::Options target_options, std::string const& of_source = "",
       std::string const& of_target = "")
      : source(1, std::move(source_options)), target(2, std::move(target_options)) {
    source.create("things", 1, of_source);
    target.create("things", 1, R"(,"replicationFactor":2)" + of_target);
  }

  /// As a first copy would have brought it.
  void copy_to_target() {
    std::vector<std::string> texts;
    for (auto const& [key, text] : source.documents("things")) texts.push_back(text);
    restore(texts);
  }
  void restore(std::vector<std::string> const& texts) {
    target.sandbox->with_model([&](sim::ClusterModel& model) {
      sim::WriteOptions options;
      options.is_restore = true;
      options.overwrite = sim::Overwrite::Replace;
      std::vector<std::string_view> const items(texts.begin(), texts.end());
      ASSERT_TRUE(model.insert("_system", "things", items, options).has_value());
    });
  }

  worker::Snapshot open() {
    auto opened = source.open_snapshot(source.shard("things", 0), worker::SyncerId(7), true);
    if (!opened) throw std::runtime_error(opened.error().message);
    return *opened;
  }

  /// Plays both sides of a comparison as the machines do.
  Sums compare(worker::Snapshot const& snapshot, std::size_t part_bytes = 1 << 19, std::size_t chunk_bytes = 1 << 20) {
    Sums sums;
    std::deque<Blob> trees{snapshot.tree.value()};
    while (!trees.empty()) {
      ++sums.trees;
      std::optional<RevisionId> from = RevisionId(0);
      while (from) {
        auto const found = target.compare(in_system("things"), worker::CopyId(5), trees.front(), *from, part_bytes);
        if (!found) throw std::runtime_error(found.error().message);
        EXPECT_EQ(found->copy_instead, "");
        if (found->ranges.size_bytes() > 0) answer(snapshot, found->ranges, chunk_bytes, trees, sums);
        from = found->next;
      }
      trees.pop_front();
    }
    return sums;
  }

  void answer(worker::Snapshot const& snapshot, Blob const& part, std::size_t chunk_bytes, std::deque<Blob>& trees,
              Sums& sums) {
    ++sums.parts;
    std::optional<RevisionId> from = RevisionId(0);
    while (from) {
      auto const chunk = source.read_difference(snapshot.id, source.shard("things", 0).name, part, *from, chunk_bytes);
      if (!chunk) throw std::runtime_error(chunk.error().message);
      ++sums.chunks;
      for (auto const& changes : {chunk->changes, chunk->removals}) {
        auto const report = target.apply(in_system("things"), changes);
        if (!report) throw std::runtime_error(report.error().message);
        sums.upserted += report->upserted;
        sums.removed += report->removed;
      }
      if (chunk->detail) trees.push_back(*chunk->detail);
      from = chunk->next;
    }
  }

  Stage source;
  Stage target;
};

inline std::vector<std::string> documents(int count) {
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) {
    texts.push_back(R"({"_key":"k)" + std::to_string(i) + R"(","n":9007199254740993,"v":)" + std::to_string(i) + "}");
  }
  return texts;
}

}  // namespace arangosync::cluster
