// clusterInventory, health, bulk results and our own documents: any bytes, never a crash.
#include "adapters/cluster/inventory_answer.h"
#include "adapters/cluster/bulk_answer.h"
#include "adapters/cluster/health_answer.h"
#include "adapters/cluster/own_collections.h"
#include "adapters/cluster/steps.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace arangosync;
  std::string_view const body(reinterpret_cast<char const*>(data), size);
  if (auto const database = cluster::parse_inventory(DatabaseName("d"), body)) {
    for (auto const& [name, collection] : database->collections) {
      static_cast<void>(cluster::collection_body(collection));
      for (auto const& index : collection.indexes) static_cast<void>(cluster::index_body(index, true, true));
    }
    if (database->views) {
      for (auto const& [name, view] : *database->views) static_cast<void>(cluster::view_body(name, view));
    }
  }
  static_cast<void>(cluster::parse_analyzers(DatabaseName("d"), body));
  static_cast<void>(cluster::parse_shards(CollectionName("_users"), body));
  static_cast<void>(cluster::parse_health(body));
  static_cast<void>(cluster::parse_bulk_answer(body, 2));
  static_cast<void>(cluster::parse_position({DatabaseName("shop"), CollectionName("orders"), 2}, body));
  static_cast<void>(cluster::parse_origin(body));
  return 0;
}
