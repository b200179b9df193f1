#include "adapters/sim/cluster_types.h"

#include <array>

namespace arangosync::sim {
namespace {

struct Known {
  int number;
  int status;
  char const* message;
};

// Status and text by errorNum (specs arangodb-read 11 and arangodb-write 10.1).
constexpr std::array known_errors = {
    Known{4, 500, "internal error"},
    Known{9, 501, "not implemented"},
    Known{10, 400, "bad parameter"},
    Known{11, 403, "forbidden"},
    Known{400, 400, "bad parameter"},
    Known{404, 404, "unknown path"},
    Known{600, 400, "VPackError error: Expecting digit"},
    Known{1004, 403, "read only"},
    Known{1005, 500, "duplicate identifier"},
    Known{1200, 409, "conflict, _rev values do not match"},
    Known{1202, 404, "document not found"},
    Known{1203, 404, "collection or view not found"},
    Known{1207, 409, "duplicate name"},
    Known{1208, 400, "illegal name"},
    Known{1210, 409, "unique constraint violated"},
    Known{1212, 404, "index not found"},
    Known{1221, 400, "illegal document key"},
    Known{1222, 400, "unexpected document key"},
    Known{1227, 400, "invalid document type"},
    Known{1228, 404, "database not found"},
    Known{1229, 400, "database name invalid"},
    Known{1230, 403, "operation only allowed in system database"},
    Known{1232, 400, "invalid key generator description"},
    Known{1233, 400, "edge attribute missing or invalid"},
    Known{1449, 404, "unknown server"},
    Known{1450, 400, "too many shards"},
    Known{1466, 400, "must not specify _key for this collection"},
    Known{1469, 400, "must not change the value of a shard key attribute"},
    Known{1470, 501, "unsupported operation or parameter for clusters"},
    Known{1471, 501, "this operation is only valid on a coordinator in a cluster"},
    Known{1484, 400, "cannot use distributeShardsLike with a collection that follows another one"},
    Known{1485, 400, "collection cannot be dropped: others distribute their shards like it"},
    Known{1486, 400, "distributeShardsLike: no such collection"},
    Known{1487, 500, "not enough DB-Servers for the replicationFactor"},
    Known{1600, 404, "cursor not found"},
    Known{1702, 409, "duplicate user"},
    Known{1703, 404, "user not found"},
};

}  // namespace

ModelError model_error(int number) {
  for (Known const& known : known_errors) {
    if (known.number == number) return {known.status, number, known.message};
  }
  return {500, number, "error " + std::to_string(number)};
}

ModelError model_error(int number, std::string message) {
  ModelError error = model_error(number);
  error.message = std::move(message);
  return error;
}

}  // namespace arangosync::sim
