// A small cluster whose clock the test turns.
#pragma once

#include "adapters/sim/cluster_model.h"

#include <string>
#include <string_view>
#include <vector>

namespace arangosync::sim {

struct TestCluster {
  explicit TestCluster(ClusterModel::Options options = {}) : model(with_clock(std::move(options))) {}

  ClusterModel::Options with_clock(ClusterModel::Options options) {
    options.now = [this] { return now; };
    return options;
  }
  ModelCollection const& create(std::string const& body, std::string const& database = "_system") {
    auto created = model.create_collection(database, body);
    if (!created) throw created.error().message;
    return **created;
  }
  WriteResult put(std::string const& collection, std::string const& body, WriteOptions const& options = {}) {
    auto done = model.insert_one("_system", collection, body, options);
    if (!done) throw done.error().message;
    return *done;
  }
  std::vector<WriteResult> put_many(std::string const& collection, std::vector<std::string> const& bodies,
                                    WriteOptions const& options = {}) {
    std::vector<std::string_view> items(bodies.begin(), bodies.end());
    auto done = model.insert("_system", collection, items, options);
    if (!done) throw done.error().message;
    return *done;
  }
  std::string text(std::string const& collection, std::string const& key) {
    auto found = model.find_document(*model.find_collection("_system", collection), key);
    return found == nullptr ? "" : found->text;
  }

  WallTime now{std::chrono::seconds(1'693'580'480)};  // 2023-09-01T15:01:20Z
  ClusterModel model;
};

}  // namespace arangosync::sim
